import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { ShareRequest } from '../../protocol/guest-messages.ts';
import type { PairingDecision } from '../../protocol/pairing-decision.ts';
import type { PlayGrant, PlayRequest, StayReason } from '../../protocol/player-messages.ts';
import type { EndReason } from '../../protocol/session-state.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import { leaveSession } from './connection/leave-session.ts';
import { type Ending, MachineChange } from './connection/machine-change.ts';
import { PathTrials } from './connection/path-trials.ts';
import { PlaceInLine, type Waiting } from './connection/place-in-line.ts';
import { QualityReporter } from './connection/quality-reporter.ts';
import { SignalingConnection } from './connection/signaling-connection.ts';
import { LiveGame, type OverState } from './live-game.ts';
import type { Ice } from './media/player-peer.ts';
import { MoveBudget } from './move-budget.ts';
import type { PlayFlow } from './play-flow.ts';
import { problemOf } from './player-problem.ts';
import type { PlayerProblem } from './player-snapshot.ts';
import type { SessionFlowOptions } from './session-flow-options.ts';

/** Somebody looks at an empty dialog meanwhile, and can ask again. */
const EXPLAIN_TIMEOUT_MS = 5000;

type Session = Pick<PlayGrant, 'sessionId' | 'resumeToken'>;

/** One session from pairing to its end: what is said to signaling, and what follows for the game. */
export class SessionFlow implements PlayFlow {
  readonly game: LiveGame;
  readonly #options: SessionFlowOptions;
  readonly #signaling: SignalingConnection;
  readonly #line: PlaceInLine;
  readonly #trials: PathTrials;
  readonly #moves: MoveBudget;
  readonly #change = new MachineChange();
  readonly #quality: QualityReporter;
  readonly #stopWatching: () => void;
  #ice: Ice = { iceServers: [] };
  #codecs: readonly VideoCodec[] = [];
  #session: Session | undefined;
  /** Signaling relays the session to this socket. */
  #attached = false;
  #requesting = false;
  /** Why the session before ended, while another is looked for or since it was found. */
  #moved: EndReason | undefined;
  /** Proof of that session: the next one goes on with the same build of the game. */
  #before: string | undefined;

  constructor(options: SessionFlowOptions) {
    this.#options = options;
    this.#moves = new MoveBudget(options.scheduler);
    this.#trials = new PathTrials({ ...options, signaling: () => this.#signaling });
    this.#line = new PlaceInLine({
      scheduler: options.scheduler,
      signaling: () => this.#signaling,
      handleWaiting: (waiting) => this.#handleWaiting(waiting),
      measure: (candidates) => {
        this.game.connect('measuring', this.#moved);
        return this.#trials.measure(candidates, this.#ice);
      },
    });
    this.#quality = new QualityReporter({ ...options, signaling: () => this.#signaling });
    this.game = new LiveGame({
      ...options,
      isAttached: () => this.#isAttached,
      signaling: () => this.#signaling,
      restore: () => void this.#restore(),
      handleAbandoned: () =>
        this.end('abandoned', 'The connection to the game could not be restored in time.'),
      handleFailure: (problem, message) => this.#fail(problem, message),
    });
    this.#signaling = new SignalingConnection({
      ...options,
      listener: {
        handleWelcome: (welcome) => this.#handleWelcome(welcome),
        handleSignal: (signal) => {
          if (!this.#trials.handleSignal(signal)) this.game.connection.handleSignal(signal);
        },
        handleSessionEnded: ({ sessionId, reason, detail }) => {
          if (sessionId === this.#session?.sessionId) this.end(reason, detail);
          else this.#trials.handleGone(sessionId);
        },
        handleContainer: ({ sessionId, present }) => {
          if (sessionId !== this.#session?.sessionId) return;
          this.game.connection.handleContainer(present);
        },
        handlePlace: (place) => this.#line.handlePlace(place),
        handleOffer: (offer) => this.#line.handleOffer(offer),
        handleOfferOver: (ticket) => this.#line.handleOfferOver(ticket),
        handleRefused: (error) => {
          if (!this.#session) this.#failWith(error);
        },
      },
    });
    this.#stopWatching = options.onNetworkChange(() => {
      // A socket that waits for the answer to its first `play` has nothing to come back to.
      if (this.#session || !this.#requesting) this.game.connection.handleNetworkChange();
    });
  }

  /** Proof that the session is this player's; undefined before pairing and after the end. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Takes the place that is offered to this player. */
  acceptOffer(): Promise<void> {
    return this.#line.accept();
  }

  /** Why the session is on its machine; undefined where there is none. @throws RockpoolError */
  async explain(): Promise<PairingDecision | undefined> {
    const sessionId = this.#session?.sessionId;
    return sessionId && this.#signaling.request('why', { sessionId }, EXPLAIN_TIMEOUT_MS);
  }

  /**
   * The machine does not keep up: the game goes on elsewhere, where there is a better place.
   * @returns why it stays; undefined where it goes, or nobody could be asked.
   */
  async leaveMachine(): Promise<StayReason | undefined> {
    const session = this.#session;
    const mayAsk = this.game.state.name === 'streaming' && this.#isAttached && !this.#requesting;
    if (!session || !mayAsk || !this.#moves.mayMove('machine-degraded')) return undefined;
    this.#requesting = true;
    const { answer, ending } = await this.#change.ask(this.#signaling, {
      sessionId: session.sessionId,
      settings: this.#options.settings(),
      codecs: [...this.#codecs],
    });
    this.#requesting = false;
    if (answer?.kind === 'moved') this.#goOn(answer.grant);
    else this.#handleStayed(ending);
    return answer?.kind === 'stays' ? answer.why : undefined;
  }

  /** What the player asks concerning guests; the token of the link asked for. @throws RockpoolError */
  async share(request: ShareRequest['request']): Promise<string | undefined> {
    const sessionId = this.#session?.sessionId;
    if (!sessionId) throw new RockpoolError('unknown-session', 'No game is on to share.');
    return (await this.#signaling.request('share', { sessionId, request })).token;
  }

  /** Tells the server that the player goes for good. */
  async leave(): Promise<void> {
    const session = this.#session;
    if (this.game.isOver) return;
    const left = this.#line.leave();
    this.#finish({ name: 'ended', reason: 'player-left', detail: undefined });
    if (session) await leaveSession(this.#signaling, session.sessionId);
    await left;
    this.#signaling.close();
  }

  /** The session is over: another takes its place where it ended for no fault of game or player. */
  end(reason: EndReason, detail: string | undefined): void {
    if (this.game.isOver) return;
    if (this.#change.handleEnd({ reason, detail })) return;
    if (this.game.isPlayed && this.#moves.mayMove(reason)) {
      this.#move(reason);
      return;
    }
    this.#finish({ name: 'ended', reason, detail });
    this.#signaling.close();
  }

  /** The worker speaks another version. */
  handleMismatch(message: string): void {
    this.#fail('protocol-mismatch', message);
  }

  /** Lets go of everything without a word: the session can be resumed. */
  close(): void {
    this.#session = undefined;
    this.#stop();
    this.game.close();
    this.#signaling.close();
  }

  get #isAttached(): boolean {
    return this.#attached && this.#signaling.ready;
  }

  /** In the session that takes the place of this one. */
  #goOn(grant: PlayGrant): void {
    if (this.game.isOver) {
      void leaveSession(this.#signaling, grant.sessionId);
      return;
    }
    this.#moves.spend();
    this.#letGo('machine-degraded');
    this.#adopt(grant);
  }

  /** It may have ended for a move that then came to nothing. */
  #handleStayed(ending: Ending | undefined): void {
    if (this.game.isOver) return;
    if (ending) {
      const { reason, detail } = ending;
      this.end(reason === 'player-left' ? 'machine-degraded' : reason, detail);
    } else if (this.game.isLost) this.game.restoreSoon();
  }

  #move(reason: EndReason): void {
    this.#moves.spend();
    this.#letGo(reason);
    if (this.#signaling.ready) this.#pair();
    else this.game.connect('signaling', reason);
  }

  /** The session is no more; the last picture stays while another is looked for. */
  #letGo(reason: EndReason): void {
    this.#moved = reason;
    this.#before = this.#session?.resumeToken ?? this.#before;
    this.#quality.stop();
    this.#session = undefined;
    this.game.letGo();
  }

  #handleWaiting(waiting: Waiting): void {
    if (this.game.isOver) return;
    // Only what is over is waited for anew.
    if (this.#session) this.#letGo('container-lost');
    this.#trials.close();
    this.game.setState({ name: 'waiting', ...waiting });
  }

  #handleWelcome(ice: Ice): void {
    this.#ice = ice;
    this.#attached = false;
    if (this.#session) this.#restore();
    else if (this.#line.waits) this.#line.handleWelcome();
    else if (!this.#requesting) this.#pair();
  }

  async #pair(): Promise<void> {
    this.game.connect('pairing', this.#moved);
    this.#requesting = true;
    try {
      this.#codecs = await this.#options.codecs;
      if (this.game.isOver) return;
      const grant = await this.#play(this.#moved ? undefined : this.#options.resume);
      if (this.game.isOver) return;
      this.#adopt(grant);
    } catch (error) {
      this.#failWith(toRockpoolError(error));
    } finally {
      this.#requesting = false;
    }
  }

  #play(resume: Session | undefined): Promise<PlayGrant> {
    this.game.handleReached();
    const request: PlayRequest = {
      gameId: this.#options.gameId,
      settings: this.#options.settings(),
      codecs: [...this.#codecs],
    };
    const { channel } = this.#options;
    if (channel !== undefined) request.channel = channel;
    if (this.#moved && this.#before) request.follows = this.#before;
    const knownPaths = this.#options.paths.known();
    if (knownPaths.length > 0) request.knownPaths = knownPaths;
    // Who is moved has waited enough.
    if (!resume && !this.#moved) request.mayMeasure = true;
    if (resume) {
      const { sessionId, resumeToken } = resume;
      request.resume = { sessionId, resumeToken, ...(this.#session && { silent: true }) };
    }
    return this.#line.ask(request);
  }

  /** Attaches to the running session where needed, and replaces its connection where that is lost. */
  async #restore(): Promise<void> {
    const session = this.#session;
    if (!session || this.#requesting || !this.#signaling.ready) return;
    this.#requesting = true;
    try {
      if (!this.#attached && !this.game.isLost) await this.#attach(session);
      if (this.game.isLost) await this.#resume(session);
      this.game.handleRestored();
    } catch (error) {
      // After a restart of signaling the session is unknown until its container has joined again:
      // every error is worth another try, until the time of grace is over.
      if (this.#session) this.game.restoreSoon();
      else this.#failWith(toRockpoolError(error));
    } finally {
      this.#requesting = false;
    }
  }

  async #attach({ sessionId, resumeToken }: Session): Promise<void> {
    await this.#signaling.request('attach', { sessionId, resumeToken });
    this.#attached = true;
    this.game.connection.handleAttached();
  }

  async #resume(session: Session): Promise<void> {
    const grant = await this.#play(session);
    if (this.game.isOver) return;
    // The game is gone, and goes on in another session from what was saved.
    if (!grant.resumed) this.#moved ??= 'container-lost';
    this.#adopt(grant);
  }

  #adopt(grant: PlayGrant): void {
    const { sessionId, resumeToken } = grant;
    this.#session = { sessionId, resumeToken };
    this.#attached = true;
    this.#quality.start(sessionId);
    if (this.game.state.name !== 'interrupted') this.game.connect('media', this.#moved);
    this.#options.listener.handleGrant(grant, this.#moved);
    this.#moved = undefined;
    this.game.open(this.#ice, grant, this.#trials.take(sessionId));
  }

  #failWith(error: RockpoolError): void {
    this.#fail(problemOf(error), error.message);
  }

  #fail(problem: PlayerProblem, message: string): void {
    if (this.game.isOver) return;
    const session = this.#session;
    this.#finish({ name: 'failed', problem, message });
    const left = session ? leaveSession(this.#signaling, session.sessionId) : Promise.resolve();
    left.then(() => this.#signaling.close());
  }

  #finish(state: OverState): void {
    this.#session = undefined;
    this.#stop();
    this.game.finish(state);
  }

  #stop(): void {
    this.#stopWatching();
    this.#quality.stop();
    this.#trials.close();
  }
}
