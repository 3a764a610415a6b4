import type { Signal } from '@preact/signals';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { toRockpoolError } from '../../protocol/errors.ts';
import {
  type PairingDecision,
  type RankedContainer,
  SCORE_TERMS,
} from '../../protocol/pairing-decision.ts';
import { useFocusNavigation } from './focus-navigation.ts';
import { Icon } from './icon.tsx';
import { Modal } from './modal.tsx';
import {
  choiceSentence,
  formatScore,
  pathSourceWords,
  rejectionList,
  TERM_WORDS,
  waitSentence,
} from './why-words.ts';

export interface WhyDialogProps {
  readonly open: Signal<boolean>;
  /** Asks how the machine was chosen. */
  readonly explain: () => Promise<PairingDecision>;
  readonly onClosed: () => void;
}

/** Why the game runs on this machine and no other, with everything the choice followed from. */
export function WhyDialog({ open, explain, onClosed }: WhyDialogProps) {
  return (
    <Modal
      open={open}
      title="Why this machine?"
      closeLabel="Close why this machine"
      class="why"
      onClosed={onClosed}
    >
      {(close) => <Explanation explain={explain} onBack={close} />}
    </Modal>
  );
}

interface ExplanationProps extends Pick<WhyDialogProps, 'explain'> {
  readonly onBack: () => void;
}

function Explanation({ explain, onBack }: ExplanationProps) {
  useFocusNavigation(true, onBack);
  const decision = useSignal<PairingDecision | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const ask = () => {
    problem.value = undefined;
    explain().then(
      (told) => {
        decision.value = told;
      },
      (thrown: unknown) => {
        problem.value = toRockpoolError(thrown).message;
      },
    );
  };
  // Asked once: the choice is made and does not change while this is open.
  useEffect(ask, []);
  if (decision.value) return <Decision decision={decision.value} />;
  if (problem.value === undefined) {
    return (
      <div class="why-loading" role="status">
        <span class="visually-hidden">Asking the server</span>
        <div class="bone" />
        <div class="bone" />
      </div>
    );
  }
  return (
    <div class="why-problem" role="alert">
      <p>{problem.value}</p>
      <button type="button" class="button" onClick={ask}>
        <Icon name="retry" />
        Ask again
      </button>
    </div>
  );
}

function Decision({ decision }: { readonly decision: PairingDecision }) {
  const { ranked, parametersVersion, seed } = decision;
  const longestMs = Math.max(...ranked.map(({ scoreMs }) => scoreMs), 1);
  const rejections = rejectionList(decision);
  return (
    <>
      <p class="why-choice">{choiceSentence(decision)}</p>
      <section aria-labelledby="why-ranked">
        <h3 id="why-ranked">Scores, in milliseconds: less is better</h3>
        <ul class="why-legend">
          {SCORE_TERMS.map((term) => (
            <li key={term} title={TERM_WORDS[term].meaning}>
              <i class={`term-${term}`} />
              {TERM_WORDS[term].name}
            </li>
          ))}
        </ul>
        <ol class="why-ranked">
          {ranked.map((container, index) => (
            <li key={container.containerId}>
              <Ranked container={container} longestMs={longestMs} chosen={index === 0} />
            </li>
          ))}
        </ol>
      </section>
      {rejections.length > 0 && (
        <section aria-labelledby="why-rejected">
          <h3 id="why-rejected">Not chosen from</h3>
          <dl class="why-rejected">
            {rejections.map(({ count, words }) => (
              <div key={words}>
                <dt>{count}</dt>
                <dd>{words}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <footer class="why-foot">
        <p>{waitSentence(decision)}</p>
        <p>
          Weights, version {parametersVersion}; ties are broken by number {seed}.
        </p>
      </footer>
    </>
  );
}

interface RankedProps {
  readonly container: RankedContainer;
  readonly longestMs: number;
  readonly chosen: boolean;
}

function Ranked({ container, longestMs, chosen }: RankedProps) {
  const { name, region, scoreMs, terms } = container;
  return (
    <details open={chosen}>
      <summary>
        <span class="why-name">
          {name} <small>{region}</small>
          {chosen && ' '}
          {chosen && <span class="tag">yours</span>}
        </span>
        <span class="why-score">{formatScore(scoreMs)} ms</span>
        <span class="why-bar" aria-hidden="true">
          {SCORE_TERMS.map((term) => (
            <i
              key={term}
              class={`term-${term}`}
              style={{ width: `${(100 * Math.max(terms[term], 0)) / longestMs}%` }}
            />
          ))}
        </span>
      </summary>
      <table>
        <tbody>
          {SCORE_TERMS.map((term) => (
            <tr key={term}>
              <th scope="row">
                <i class={`term-${term}`} />
                {TERM_WORDS[term].name}
                <small>
                  {term === 'path' ? pathSourceWords(container) : TERM_WORDS[term].meaning}
                </small>
              </th>
              <td>{formatScore(terms[term])} ms</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
