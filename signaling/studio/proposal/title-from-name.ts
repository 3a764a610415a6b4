const MAX_TITLE_CHARACTERS = 80;

/** Words in the names of files that speak of the export and not of the game. */
const NOISE =
  /^(?:v?\d+(?:\.\d+)+[a-z]?|v\d+|linux(?:32|64)?|lin|web(?:gl2?|gpu)?|html5?|wasm(?:32)?|x86(?:_64)?|x64|amd64|arm64|aarch64|universal|64bit|32bit|build|builds|export|exported|release|shipping|debug|development|dist|public|final|standalone|client|server|index|game)$/i;

const ENDINGS =
  /\.(?:tar\.(?:gz|zst)|tgz|tzst|zip|tar|x86_64|x86|arm64|appimage|sh|love|jar|html?|pck|bin|run)$/i;

/** What a person would call a game whose file, folder or archive has this name; empty for none. */
export function titleFromName(name: string): string {
  const bare = name.replace(ENDINGS, '').replace(ENDINGS, '');
  const words = bare
    .replace(/x86_64/gi, '_')
    .split(/[\s_+()[\]-]+|\.(?!\d)/)
    .flatMap((word) => (NOISE.test(word) ? [] : splitCamelCase(word)))
    .filter((word) => word !== '');
  return words.map(capitalised).join(' ').slice(0, MAX_TITLE_CHARACTERS).trim();
}

/** "MyGame2" → My, Game, 2; "NASAGame" → NASA, Game. */
function splitCamelCase(word: string): string[] {
  return word
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replace(/(\p{L}{2})(\d+)$/gu, '$1 $2')
    .split(' ');
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
