// `npm run build`: set up and compile.
import { build, setUp } from './setup.mjs';

await setUp([]);
build();
