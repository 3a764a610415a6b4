/**
 * Version of everything said between browser, signaling and container. It is carried in every
 * hello; two parts that differ refuse each other with `protocol-mismatch` instead of guessing.
 */
export const PROTOCOL_VERSION = 7;
