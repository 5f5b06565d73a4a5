import type { OpenAPIDocument, Operation } from "../../core/openapi/types.ts";

/**
 * What is wrong with a document's structure: references that lead nowhere, names used twice, parameters of a path that are
 * not declared or do not exist, required properties that there are none of, components that nobody refers to.
 */
export function findProblems(document: OpenAPIDocument): string[] {
  const operations = operationsOf(document);
  return [
    ...danglingReferences(document),
    ...repeated(operations.map(({ operation }) => operation.operationId)).map((id) => `${id} is used twice`),
    ...operations.flatMap(({ path, operation }) => operationProblems(path, operation)),
    ...unknownSchemes(document, operations),
    ...requiredProblems(document),
    ...unusedSchemas(document),
  ];
}

interface Located {
  path: string;
  operation: Operation;
}

export function operationsOf({ paths }: OpenAPIDocument): Located[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.values(item).map((operation) => ({ path, operation: operation as Operation })),
  );
}

function operationProblems(path: string, operation: Operation): string[] {
  const inPath = [...path.matchAll(/{(\w+)}/g)].map(([, name]) => name as string);
  const parameters = operation.parameters ?? [];
  const declared = parameters.filter((parameter) => parameter.in === "path");
  const name = operation.operationId;
  return [
    ...(path.startsWith("/") && path.endsWith("/") ? [] : [`${path} lacks a slash`]),
    ...(/^\w+$/.test(name) ? [] : [`${name} is no identifier`]),
    ...inPath
      .filter((given) => !declared.some((parameter) => parameter.name === given))
      .map((p) => `${name}: ${p} is not declared`),
    ...declared
      .filter((parameter) => !inPath.includes(parameter.name))
      .map((p) => `${name}: ${p.name} is not in ${path}`),
    ...declared.filter((parameter) => parameter.required !== true).map((p) => `${name}: ${p.name} must be required`),
    ...repeated(parameters.map((parameter) => `${parameter.in} ${parameter.name}`)).map((p) => `${name}: ${p} twice`),
    ...(Object.keys(operation.responses).some((status) => /^2\d\d$/.test(status)) ? [] : [`${name} never succeeds`]),
    ...(operation.tags?.length ? [] : [`${name} has no tag`]),
  ];
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}

function referencesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const own = "$ref" in value ? [String(value.$ref)] : [];
  return [...own, ...Object.values(value).flatMap(referencesIn)];
}

function danglingReferences(document: OpenAPIDocument): string[] {
  const leadsNowhere = (reference: string) => {
    const steps = reference.replace(/^#\//, "").split("/");
    return (
      steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document) === undefined
    );
  };
  return [...new Set(referencesIn(document))].filter(leadsNowhere).map((reference) => `${reference} leads nowhere`);
}

function unknownSchemes({ components }: OpenAPIDocument, operations: readonly Located[]): string[] {
  const used = operations.flatMap(({ operation }) => (operation.security ?? []).flatMap((each) => Object.keys(each)));
  const unknown = used.filter((name) => !Object.hasOwn(components.securitySchemes ?? {}, name));
  return [...new Set(unknown)].map((name) => `security scheme ${name} is unknown`);
}

function requiredProblems({ components }: OpenAPIDocument): string[] {
  return Object.entries(components.schemas).flatMap(([name, { required = [], properties = {} }]) =>
    required.filter((key) => !Object.hasOwn(properties, key)).map((key) => `${name} requires ${key}, which it has not`),
  );
}

function unusedSchemas(document: OpenAPIDocument): string[] {
  const used = new Set(referencesIn(document));
  const names = Object.keys(document.components.schemas);
  return names.filter((name) => !used.has(`#/components/schemas/${name}`)).map((name) => `nobody refers to ${name}`);
}
