import { boolean, integer, pgTable, text, timestamp, varchar } from "drizzle-orm/pg-core";
import { users } from "./users";

export const announcements = pgTable("announcements", {
  id: integer("id").primaryKey().generatedByDefaultAsIdentity(),
  title: text("title").notNull(),
  body: text("body").notNull(),
  visibleFrom: timestamp("visible_from", { withTimezone: true }).notNull().defaultNow(),
  visibleUntil: timestamp("visible_until", { withTimezone: true }),
  authorId: integer("author_id").references(() => users.id),
  pinned: boolean("pinned").notNull().default(false),
  colour: varchar("colour", { length: 20 }),
});
