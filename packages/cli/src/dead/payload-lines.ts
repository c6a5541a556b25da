import { type Payload, payloadBytes } from '@outrelay/core';
import { bytes, count } from '../terminal/figures.ts';
import { printable } from '../terminal/text-width.ts';

/** Bytes of binary payload that are shown. */
const SHOWN_BYTES = 256;
const PER_LINE = 16;

/** A payload for people: text line by line, bytes as the beginning of a hexadecimal dump. */
export function payloadLines(payload: Payload): string[] {
  if (payload === null) return ['(none)'];
  if (payloadBytes(payload) === 0) return ['(empty)'];
  const text = typeof payload === 'string' ? payload : textOf(payload);
  if (text !== null) return text.split('\n').map((line) => printable(line).replaceAll('\\x09', '\t'));
  return hexDump(payload as Uint8Array);
}

/** The size of a payload and what it seems to be. */
export function payloadSummary(payload: Payload): string {
  if (payload === null) return 'none';
  const binary = payload instanceof Uint8Array && textOf(payload) === null ? ', binary' : '';
  return `${bytes(payloadBytes(payload))}${binary}`;
}

/** The text that bytes are, or `null` when they are none that a terminal could show. */
function textOf(payload: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

function hexDump(payload: Uint8Array): string[] {
  const shown = Buffer.from(payload.subarray(0, SHOWN_BYTES));
  const lines: string[] = [];
  for (let at = 0; at < shown.length; at += PER_LINE) {
    const part = shown.subarray(at, at + PER_LINE);
    const hex = (part.toString('hex').match(/../g) ?? []).join(' ');
    const letters = part.toString('latin1').replace(/[^ -~]/g, '.');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(PER_LINE * 3 - 1)}  ${letters}`);
  }
  const rest = payload.byteLength - shown.length;
  if (rest > 0) lines.push(`… ${count(rest)} bytes more; all of them: --raw`);
  return lines;
}
