import './player/zod-without-eval.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/library.css';
import './styles/cover.css';
import './styles/stage.css';
import './styles/state-panel.css';
import './styles/printed-lines.css';
import './styles/latency-overlay.css';
import './styles/settings-dialog.css';
import './styles/touch-pad.css';
import { render } from 'preact';
import { App } from './pages/app.tsx';
import { GameLibrary } from './pages/game-library.ts';
import { startNavigation } from './pages/navigation.ts';
import { SettingsStore } from './pages/settings-store.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no element #app.');

startNavigation();
render(
  <App
    library={new GameLibrary((address, init) => fetch(address, init))}
    settings={new SettingsStore(() => localStorage)}
  />,
  root,
);
