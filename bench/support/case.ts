import type { Measured } from "./measure.ts";

/** What must hold: `subject` costs at most `atMost` times what `against` costs. */
export interface Target {
  subject: string;
  against: string;
  atMost: number;
}

/** What a case found on one database. */
export interface Outcome {
  /** In microseconds of CPU time, unless `unit` says otherwise. */
  figures: Record<string, Measured>;
  targets: readonly Target[];
  unit?: string;
  /** What is no ratio: a sentence, and whether it is as it should be. */
  remarks?: readonly { text: string; met: boolean }[];
}

/** A comparison with a name, which `--only` takes. */
export interface Case<Bench> {
  name: string;
  title: string;
  run(bench: Bench): Promise<Outcome>;
}

/** How many times as much the subject costs as what it is compared with. */
export function ratioOf({ figures }: Outcome, { subject, against }: Target): number {
  return figures[subject].median / figures[against].median;
}
