/** How a machine becomes a container, to be copied. */
export function JoinRecipes() {
  return (
    <dl class="recipes">
      <dt>Everything on this machine</dt>
      <dd>
        <code>npm start</code>
      </dd>
      <dt>Another machine</dt>
      <dd>
        <code>rockpool container --join {location.origin} --token TOKEN</code>
      </dd>
    </dl>
  );
}
