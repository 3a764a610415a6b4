/*
 * All that the truth of the measurement is tried with. The delays come first: whoever counts what the
 * page sends has to see it when the page sends it, and not when it leaves.
 */
import './stage-delays.ts';
import '../../gate/page/pixel-probe.ts';
import './frame-probe.ts';
