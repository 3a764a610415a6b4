/*
 * Zod decides when a schema is made whether to compile it with `new Function`, which a strict
 * Content-Security-Policy forbids and reports. Import this before anything that makes schemas:
 * first thing in an entry point.
 */
import { z } from 'zod';

z.config({ jitless: true });
