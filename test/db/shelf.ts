import { Author, Book, Category, Review } from "./models.ts";

/** Some authors, books, categories and reviews to ask about; what was there before goes. */
export async function fillShelf() {
  await Author.objects.all().delete();
  await Category.objects.all().delete();
  const ana = await Author.objects.create({ name: "Ana", email: "ana@example.org", bornOn: "1950-02-03" });
  const bob = await Author.objects.create({ name: "Bob", mentor: ana });
  const eve = await Author.objects.create({ name: "Eve", mentor: bob, bornOn: "1980-12-31" });
  const [sea, lake, sure] = await Book.objects.bulkCreate([
    new Book({ title: "The Sea", author: ana, price: "12.50", pages: 100, rating: 4.5, publishedOn: "2020-01-31" }),
    new Book({ title: "A Lake", author: ana, price: "9.99", pages: 200, publishedOn: "2021-02-28" }),
    new Book({ title: "100%_sure\\", author: bob, price: "100.00", pages: 300, rating: 2, status: "published" }),
  ]);
  const [water, fiction] = await Category.objects.bulkCreate([
    new Category({ name: "water" }),
    new Category({ name: "fiction" }),
  ]);
  await sea.categories.add(water, fiction);
  await lake.categories.add(water);
  await Review.objects.bulkCreate([
    new Review({ book: sea, stars: 5, text: "good" }),
    new Review({ book: sea, stars: 2, text: "bad" }),
    new Review({ book: lake, stars: 3 }),
  ]);
  return { ana, bob, eve, sea, lake, sure, water, fiction };
}
