import './player/zod-without-eval.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/masthead.css';
import './styles/library.css';
import './styles/library-filters.css';
import './styles/cover.css';
import './styles/stage.css';
import './styles/state-panel.css';
import './styles/printed-lines.css';
import './styles/latency-overlay.css';
import './styles/settings-dialog.css';
import './styles/touch-pad.css';
import './styles/pool.css';
import './styles/history.css';
import './styles/why.css';
import './styles/share.css';
import { render } from 'preact';
import { poolReportSchema } from '../protocol/pool-report.ts';
import { App } from './pages/app.tsx';
import { GameLibrary } from './pages/game-library.ts';
import { startNavigation } from './pages/navigation.ts';
import { type FetchJson, Polled } from './pages/polled.ts';
import { SettingsStore } from './pages/settings-store.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no element #app.');

const fetchJson: FetchJson = (address, init) => fetch(address, init);

startNavigation();
render(
  <App
    library={new GameLibrary(fetchJson)}
    pool={new Polled(fetchJson, '/api/pool', poolReportSchema)}
    settings={new SettingsStore(() => localStorage)}
    fetchJson={fetchJson}
  />,
  root,
);
