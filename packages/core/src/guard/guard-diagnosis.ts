import type { DiagnosisFacet, Finding } from '../diagnosis.ts';
import { boolean, readOptions } from '../settings.ts';
import { contractBroken } from './lifecycle.ts';

/** Reads the request and holds the findings to their form: a complaint without a remedy helps nobody. */
export function guardDiagnosis(
  name: string,
  diagnosis: DiagnosisFacet | undefined,
): DiagnosisFacet | undefined {
  if (diagnosis === undefined) return undefined;
  return {
    async examine(request = {}) {
      const findings = await diagnosis.examine(
        readOptions('diagnosis.examine', request, { push: boolean(false) }),
      );
      const seen = new Set<string>();
      for (const finding of findings) {
        checkFinding(name, finding);
        if (seen.has(finding.check)) {
          throw contractBroken(name, `examine reported twice on "${finding.check}" (S15.2)`);
        }
        seen.add(finding.check);
      }
      return findings;
    },
  };
}

function checkFinding(name: string, finding: Finding): void {
  const texts =
    finding.verdict === 'good' ? [finding.seen] : [finding.seen, finding.expected, finding.remedy];
  const isWhole = texts.every((text) => typeof text === 'string' && text !== '');
  if (isWhole && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(finding.check)) return;
  throw contractBroken(
    name,
    `examine must say of ${JSON.stringify(finding.check)} what was seen, and of what is not good also what is expected and what to do (S15.2)`,
  );
}
