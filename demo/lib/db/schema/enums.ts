import { pgEnum } from "drizzle-orm/pg-core";

export const userRole = pgEnum("user_role", ["student", "teacher", "librarian"]);
export const bookFormat = pgEnum("book_format", ["print", "audio", "braille"]);
