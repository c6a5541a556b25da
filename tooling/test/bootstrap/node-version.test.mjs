import { describe, expect, it } from 'vitest';
import { complaintAboutNode } from '../../bootstrap/node-version.mjs';

describe('complaintAboutNode', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '26.10.0'])('takes %s', (version) => {
    expect(complaintAboutNode(version)).toBeNull();
  });

  it.each(['20.18.3', '18.20.8', '8.17.0'])('refuses %s and says what is needed', (version) => {
    const complaint = complaintAboutNode(version);
    expect(complaint).toContain('20.19');
    expect(complaint).toContain(version);
  });
});
