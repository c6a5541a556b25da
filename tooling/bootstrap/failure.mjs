/** An end with an explanation that needs no stack: the message tells the reader what to do. */
export class Failure extends Error {}
