import { date, index, integer, pgTable, serial, text, varchar } from "drizzle-orm/pg-core";
import { bookFormat } from "../enums";

export const publishers = pgTable("publishers", {
  id: integer("id").primaryKey().generatedByDefaultAsIdentity(),
  name: text("name").notNull().unique(),
});

export const books = pgTable(
  "books",
  {
    id: integer("id").primaryKey().generatedByDefaultAsIdentity(),
    isbn: varchar("isbn", { length: 17 }),
    title: text("title").notNull(),
    author: text("author").notNull(),
    format: bookFormat("format").notNull().default("print"),
    publishedOn: date("published_on"),
    coverUrl: text("cover_url"),
    publisherId: integer("publisher_id").references(() => publishers.id),
    ebookUrl: text("ebook_url"),
  },
  (table) => [
    index("idx_books_isbn").on(table.isbn),
    index("idx_books_publisher_id").on(table.publisherId),
  ],
);

export const bookTags = pgTable(
  "book_tags",
  {
    id: serial("id").primaryKey(),
    bookId: integer("book_id")
      .notNull()
      .references(() => books.id, { onDelete: "cascade" }),
    tag: varchar("tag", { length: 40 }).notNull(),
  },
  (table) => [index("idx_book_tags_tag").on(table.tag)],
);
