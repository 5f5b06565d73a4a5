// django.contrib.postgres.constraints.
import { ImproperlyConfigured } from "../../exceptions.ts";
import { validateExclusion } from "../constraints/constraint_validation.ts";
import { BaseConstraint, type BaseConstraintOptions, type Deferrable, type ValidateOptions } from "../constraints.ts";
import { type Expression, FExpression } from "../expressions/base.ts";
import type { Vendor } from "../fields/field_types.ts";
import { columnsOf, type Lack, type RowCondition } from "../indexes.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import type { SchemaEditor } from "../schema/base.ts";
import { termSql } from "../schema/index_terms.ts";
import { conditionSql } from "../schema/literal_sql.ts";
import { deferrableSql, includeSql, joined } from "../schema/statements.ts";
import { conditionPaths, expressionPaths, renamedCondition, renamedExpression } from "../sql/references.ts";

/** The operators of ranges, under Django's names. */
export const RangeOperators = {
  EQUAL: "=",
  NOT_EQUAL: "<>",
  CONTAINS: "@>",
  CONTAINED_BY: "<@",
  OVERLAPS: "&&",
  FULLY_LT: "<<",
  FULLY_GT: ">>",
  NOT_LT: "&>",
  NOT_GT: "&<",
  ADJACENT_TO: "-|-",
} as const;

/** What is compared, a field's name or an expression, and the operator that must not hold everywhere. */
export type Exclusion = readonly [expression: string | Expression, operator: string];

/** Options of {@link ExclusionConstraint}. */
export interface ExclusionConstraintOptions<C = unknown> extends BaseConstraintOptions {
  expressions: readonly Exclusion[];
  /** Only rows of which this holds exclude each other. */
  condition?: RowCondition<C>;
  /** The index that finds them; default `"gist"`. */
  indexType?: "gist" | "spgist";
  /** Checked when the transaction ends, or could be. */
  deferrable?: Deferrable;
  /** Fields that are kept in the index, to be read from it. */
  include?: readonly string[];
}

/**
 * No two rows for which every operator holds: PostgreSQL only.
 *
 * @example
 * new ExclusionConstraint({ expressions: [["network", "&&"]], name: "networks_apart" });
 */
export class ExclusionConstraint<C = unknown> extends BaseConstraint<ExclusionConstraintOptions<C>> {
  declare readonly "~lookups": C;

  /** @throws ImproperlyConfigured for options that exclude each other. */
  constructor(options: ExclusionConstraintOptions<C>) {
    super(options);
    const wrong = exclusionRules.find(([isWrong]) => isWrong(options));
    if (wrong) throw new ImproperlyConfigured(wrong[1]);
  }

  get expressions(): readonly (readonly [Expression, string])[] {
    return this.options.expressions.map(([term, operator]) => [
      typeof term === "string" ? new FExpression(term) : term,
      operator,
    ]);
  }

  get condition(): RowCondition<C> | undefined {
    return this.options.condition;
  }

  get paths(): readonly string[] {
    const { include = [], condition } = this.options;
    const compared = this.expressions.flatMap(([expression]) => expressionPaths(expression));
    return [...compared, ...include, ...(condition ? conditionPaths(condition) : [])];
  }

  renamed(rename: (name: string) => string): this {
    const { expressions, condition, include } = this.options;
    return this.clone({
      expressions: expressions.map(([term, operator]) => [
        typeof term === "string" ? rename(term) : renamedExpression(term, rename),
        operator,
      ]),
      condition: condition && renamedCondition(condition, rename),
      include: include?.map(rename),
    });
  }

  override lacks(vendor: Vendor): readonly Lack[] {
    if (vendor === "postgresql") return [];
    const hint = "A constraint won't be created. Silence this warning if you don't care about it.";
    return [{ id: "sqlite.W002", what: "exclusion constraints", hint, ignorable: false }];
  }

  constraintSql(model: ModelClass, editor: SchemaEditor): string | null {
    if (!this.isSupported(editor.vendor)) return null;
    const { indexType = "gist", condition, include = [], deferrable } = this.options;
    const terms = this.expressions.map(([term, operator]) => `${termSql(model, term, editor)} WITH ${operator}`);
    return joined([
      `CONSTRAINT ${editor.quoteName(this.name)} EXCLUDE USING ${indexType} (${terms.join(", ")})`,
      includeSql(columnsOf(model, include)),
      condition ? `WHERE (${conditionSql(model, condition, editor.connection)})` : "",
      deferrableSql(deferrable),
    ]);
  }

  async validate(model: ModelClass, instance: BaseModel, options: ValidateOptions = {}): Promise<void> {
    await validateExclusion(this, model, instance, options);
  }
}

type Rule = readonly [isWrong: (options: ExclusionConstraintOptions) => boolean, text: string];

const exclusionRules: readonly Rule[] = [
  [
    ({ expressions }) => expressions.length === 0,
    "At least one expression is required to define an exclusion constraint.",
  ],
  [
    ({ indexType }) => indexType !== undefined && !["gist", "spgist"].includes(indexType),
    "Exclusion constraints only support GiST or SP-GiST indexes.",
  ],
];
