import "reflect-metadata";
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  CASCADE,
  CharField,
  type Connection,
  connections,
  ForeignKey,
  finalizeModels,
  type Manager,
  Model,
  type ModelClass,
  managerFor,
  model,
  modelFor,
  type Related,
} from "core-framework/db";
import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  Unique,
} from "typeorm";
import { ProjectState } from "../../core/db/migrations/state.ts";
import { withSchemaEditor } from "../../core/db/schema/editor.ts";
import { ImproperlyConfigured } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";

@Entity()
class Writer {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: "varchar", length: 40 }) fullName!: string;
  @OneToMany(
    () => Essay,
    (essay) => essay.writer,
  )
  essays!: Essay[];
}

@Entity({ name: "topics" })
class Topic {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: "varchar", unique: true }) name!: string;
}

@Entity()
@Unique(["title", "writer"])
@Index("by_pages", ["pages"])
class Essay {
  @PrimaryGeneratedColumn("increment", { type: "bigint" }) id!: number;
  @Column({ type: "varchar", length: 80 }) title!: string;
  @Column({ type: "int", default: 1 }) pages!: number;
  @Column({ type: "decimal", precision: 6, scale: 2, nullable: true, name: "fee_paid" }) fee!: string | null;
  @CreateDateColumn() createdAt!: Date;
  @ManyToOne(
    () => Writer,
    (writer) => writer.essays,
    { onDelete: "CASCADE" },
  )
  @JoinColumn({ name: "writer_key" })
  writer!: Writer;
  @ManyToMany(() => Topic)
  @JoinTable()
  topics!: Topic[];
  status = "draft";

  shout(): string {
    return this.title.toUpperCase();
  }
}

const WriterModel = modelFor(Writer, { appLabel: "essays" });
const TopicModel = modelFor(Topic, { appLabel: "essays" });
const EssayModel = modelFor(Essay, { appLabel: "essays", ordering: ["title"] });

/** A model of the framework's own that refers to an entity. */
@model({ appLabel: "essays" })
class Remark extends Model {
  declare static objects: Manager<Remark>;
  @CharField({ maxLength: 30 }) text!: string;
  @ForeignKey(() => EssayModel as never, { onDelete: CASCADE, relatedName: "remarks" }) essay!: Related<Model>;
  declare essayId: number;
}

const models = [WriterModel, TopicModel, EssayModel, Remark] as unknown as ModelClass[];
finalizeModels(models);

describe("the model of an entity", () => {
  test("has what TypeORM's decorators say", () => {
    const { _meta: meta } = EssayModel;
    const facts = meta.fields.map(({ name, kind, column }) => [name, kind, column]);
    assert.deepEqual(facts, [
      ["id", "BigAutoField", "id"],
      ["title", "CharField", "title"],
      ["pages", "IntegerField", "pages"],
      ["fee", "DecimalField", "fee_paid"],
      ["createdAt", "DateTimeField", "createdAt"],
      ["writer", "ForeignKey", "writer_key"],
    ]);
    assert.deepEqual([meta.dbTable, meta.label, TopicModel._meta.dbTable], ["essay", "essays.Essay", "topics"]);
    assert.deepEqual([meta.uniqueTogether, meta.indexes[0].name], [[["title", "writer"]], "by_pages"]);
    const { table, from, to } = meta.manyToManyColumns(meta.getField("topics"));
    assert.deepEqual([table, from, to], ["essay_topics_topics", "essayId", "topicsId"]);
  });

  test("is the same each time, and only of entities", () => {
    assert.equal(modelFor(Essay), EssayModel);
    assert.equal(managerFor(Essay), EssayModel.objects);
    assert.throws(() => modelFor(class Plain {}), ImproperlyConfigured);
  });

  test("is known to migrations", () => {
    const state = ProjectState.fromModels(models).get("essays.Essay");
    assert.deepEqual([...state.fields.keys()].slice(0, 3), ["id", "title", "pages"]);
    assert.equal(state.options.dbTable, "essay");
  });
});

forEachDatabase((_name, makeUrl) => {
  let connection: Connection;

  before(async () => {
    connection = await connectTo(makeUrl);
    await withSchemaEditor(async (editor) => {
      for (const each of models) await editor.createModel(each);
    });
  });
  after(() => connections.closeAll());
  beforeEach(async () => {
    await EssayModel.objects.all().delete();
    await WriterModel.objects.all().delete();
  });

  test("its objects are the entity's, and are saved, filtered and deleted", async () => {
    const writer = await WriterModel.objects.create({ fullName: "Ana" });
    const essay = await EssayModel.objects.create({ title: "Sea", writer });
    assert.ok(essay instanceof Essay);
    assert.deepEqual([essay.shout(), essay.status, essay.pages], ["SEA", "draft", 1]);
    essay.pages = 12;
    await essay.save();
    const [found] = await EssayModel.objects.filter({ title__startswith: "S", pages__gt: 5 }).selectRelated("writer");
    assert.ok(found instanceof Essay && found.createdAt instanceof Date);
    assert.equal((found as unknown as { writer: Writer }).writer.fullName, "Ana");
    assert.equal(await EssayModel.objects.where("writer__fullName", "Ana").count(), 1);
    assert.equal(await WriterModel.objects.where("essays__title", "Sea").count(), 1);
    await found.delete();
    assert.equal(await managerFor(Essay).count(), 0);
  });

  test("TypeORM's repositories see the same rows", async () => {
    const writer = await WriterModel.objects.create({ fullName: "Bo" });
    const topic = await TopicModel.objects.create({ name: `t${Math.random()}` });
    const repository = connection.dataSource.getRepository(Essay);
    const saved = await repository.save({ title: "Sand", writer: { id: writer.id }, topics: [{ id: topic.id }] });
    const essay = await EssayModel.objects.get({ title: "Sand" });
    assert.equal(Number(saved.id), essay.id);
    const topics = (essay as unknown as { topics: PromiseLike<Topic[]> }).topics;
    assert.deepEqual(
      (await topics).map(({ name }) => name),
      [topic.name],
    );
    essay.title = "Sandstone";
    await essay.save();
    const [read] = await repository.find({ relations: { writer: true } });
    assert.deepEqual([read.title, read.writer.fullName], ["Sandstone", "Bo"]);
  });

  test("a model may refer to it", async () => {
    const essay = await EssayModel.objects.create({ title: "Sea" });
    await Remark.objects.create({ text: "good", essay: essay as never });
    assert.equal(await EssayModel.objects.where("remarks__text", "good").count(), 1);
    assert.deepEqual(await essay.delete(), [2, { "essays.Remark": 1, "essays.Essay": 1 }]);
  });
});
