import { isJsonType, JSON_TYPE } from '@outrelay/core';
import { invalidMessage } from './errors.ts';
import { jsonMembers } from './json-members.ts';

/** What a request says in either format, before it is put together. */
export interface EventParts {
  /** The value of a CloudEvents attribute. */
  readonly attribute: (name: string) => string | undefined;
  readonly contentType: string;
  readonly payload: Uint8Array | null;
}

/** Takes an `application/cloudevents+json` document apart. */
export function readStructured(bytes: Uint8Array): EventParts {
  const members = readEnvelope(bytes);
  const attribute = (name: string): string | undefined => {
    const value: unknown = JSON.parse(members.get(name) ?? 'null');
    if (value === null) return undefined;
    if (typeof value !== 'string') throw invalidMessage(`its attribute "${name}" is not a text`);
    return value;
  };
  const contentType = attribute('datacontenttype') ?? JSON_TYPE;
  return { attribute, contentType, payload: readData(members, contentType) };
}

function readEnvelope(bytes: Uint8Array): ReadonlyMap<string, string> {
  let text: string;
  let envelope: unknown;
  try {
    text = UTF8.decode(bytes);
    envelope = JSON.parse(text);
  } catch {
    throw invalidMessage('its body is not JSON in UTF-8');
  }
  if (typeof envelope !== 'object' || envelope === null || Array.isArray(envelope)) {
    throw invalidMessage('its body is not a JSON object');
  }
  return jsonMembers(text);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function readData(members: ReadonlyMap<string, string>, contentType: string): Uint8Array | null {
  const base64 = members.get('data_base64');
  if (base64 !== undefined && base64 !== 'null')
    return Buffer.from(readText(base64, 'data_base64'), 'base64');
  const data = members.get('data');
  if (data === undefined) return null;
  return Buffer.from(isJsonType(contentType) ? data : readText(data, 'data'));
}

function readText(json: string, name: string): string {
  const value: unknown = JSON.parse(json);
  if (typeof value === 'string') return value;
  throw invalidMessage(`its "${name}" is not a text, as its content type asks`);
}
