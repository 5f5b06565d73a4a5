// The models of models.ts in plain data: what the oracle and the generators know about them. Nothing here comes from the
// framework, so that a mistake there cannot hide here.

export type Kind = "text" | "integer" | "decimal" | "float" | "boolean" | "date" | "datetime" | "uuid" | "json";

export interface Column {
  kind: Kind;
  null: boolean;
}

/** A relation as it is followed from a row. */
export interface Link {
  to: string;
  /** It leads to any number of rows. */
  many: boolean;
  /** There may be no row at the other side. */
  optional: boolean;
  /** The property of this row that holds the other one's id. */
  own?: string;
  /** The property of the other rows that holds this one's id. */
  other?: string;
  /** The set of pairs, and which side of a pair is this row. */
  pairs?: { set: string; side: 0 | 1 };
}

export interface Table {
  columns: Readonly<Record<string, Column>>;
  links: Readonly<Record<string, Link>>;
  ordering: readonly string[];
}

function columns(kinds: Readonly<Record<string, Kind | `${Kind}?`>>): Record<string, Column> {
  const entries = Object.entries({ id: "integer", ...kinds }).map(([name, kind]) => {
    return [name, { kind: kind.replace("?", "") as Kind, null: kind.endsWith("?") }] as const;
  });
  return Object.fromEntries(entries);
}

const forward = (to: string, own: string, optional = false): Link => ({ to, many: false, optional, own });
const back = (to: string, other: string, many = true): Link => ({ to, many, optional: true, other });
const paired = (to: string, side: 0 | 1): Link => ({
  to,
  many: true,
  optional: true,
  pairs: { set: "Book.tags", side },
});

export const schema: Readonly<Record<string, Table>> = {
  Author: {
    columns: columns({
      name: "text",
      nick: "text?",
      score: "integer?",
      active: "boolean?",
      bornOn: "date?",
      mentorId: "integer?",
    }),
    links: {
      mentor: forward("Author", "mentorId", true),
      students: back("Author", "mentorId"),
      profile: back("Profile", "authorId", false),
      headed: back("Publisher", "headId", false),
      books: back("Book", "authorId"),
      edited: back("Book", "editorId"),
      reviews: back("Review", "reviewerId"),
    },
    ordering: ["name"],
  },
  Tag: {
    columns: columns({ name: "text", weight: "integer?", parentId: "integer?" }),
    links: {
      parent: forward("Tag", "parentId", true),
      children: back("Tag", "parentId"),
      fans: back("Profile", "favouriteId"),
      books: paired("Book", 1),
    },
    ordering: ["-weight", "name"],
  },
  Profile: {
    columns: columns({ authorId: "integer", favouriteId: "integer?", level: "integer", bio: "text?" }),
    links: { author: forward("Author", "authorId"), favourite: forward("Tag", "favouriteId", true) },
    ordering: [],
  },
  Publisher: {
    columns: columns({ name: "text", rating: "float?", uid: "uuid", headId: "integer?" }),
    links: { head: forward("Author", "headId", true), books: back("Book", "publisherId") },
    ordering: [],
  },
  Book: {
    columns: columns({
      title: "text",
      pages: "integer",
      price: "decimal?",
      rating: "float?",
      printed: "boolean",
      publishedOn: "date?",
      soldAt: "datetime?",
      data: "json?",
      authorId: "integer",
      editorId: "integer?",
      publisherId: "integer?",
    }),
    links: {
      author: forward("Author", "authorId"),
      editor: forward("Author", "editorId", true),
      publisher: forward("Publisher", "publisherId", true),
      tags: paired("Tag", 0),
      reviews: back("Review", "bookId"),
    },
    ordering: [],
  },
  Review: {
    columns: columns({
      bookId: "integer",
      reviewerId: "integer?",
      stars: "integer?",
      text: "text",
      postedAt: "datetime",
    }),
    links: { book: forward("Book", "bookId"), reviewer: forward("Author", "reviewerId", true) },
    ordering: [],
  },
};

/** A row by its properties; a datetime is ISO text with microseconds, a decimal its digits. */
export type Row = Readonly<Record<string, unknown>> & { readonly id: number };

/** All rows of all models, and the pairs of the many-to-many relation. */
export interface Data {
  tables: Readonly<Record<string, readonly Row[]>>;
  pairs: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

/** The rows that a relation leads to. */
export function follow(data: Data, { to, own, other, pairs }: Link, row: Row): Row[] {
  const rows = data.tables[to];
  if (own !== undefined) return rows.filter(({ id }) => id === row[own]);
  if (other !== undefined) return rows.filter((candidate) => candidate[other] === row.id);
  const { set, side } = pairs as { set: string; side: 0 | 1 };
  const ids = data.pairs[set].filter((pair) => pair[side] === row.id).map((pair) => pair[1 - side]);
  return ids.map((id) => rows.find((candidate) => candidate.id === id) as Row);
}
