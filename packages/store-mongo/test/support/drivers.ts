import { MongoClient } from 'mongodb';
import { MongoClient as MongoClient6 } from 'mongodb-6';
import type { MongoClientLike } from '../../src/index.ts';

/** A driver under test. */
export interface TestedDriver {
  readonly name: string;
  open(url: string): MongoClientLike;
}

/** Short limits and pauses, because the suite cuts connections all the time. */
const OPTIONS = { serverSelectionTimeoutMS: 1_500, connectTimeoutMS: 1_500, minHeartbeatFrequencyMS: 50 };

/** The driver of the present major version. */
export const DRIVER_7: TestedDriver = {
  name: 'mongodb 7',
  open: (url) => new MongoClient(url, OPTIONS),
};
/** The driver of the major version before. */
export const DRIVER_6: TestedDriver = {
  name: 'mongodb 6',
  open: (url) => new MongoClient6(url, OPTIONS),
};
