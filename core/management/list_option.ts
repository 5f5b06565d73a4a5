/** Commander's parser of an option that may be given several times: its values in order. */
export function collect(value: string, others: readonly string[]): string[] {
  return [...others, value];
}
