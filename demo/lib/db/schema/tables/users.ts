import { date, integer, pgTable, text, timestamp, uniqueIndex, varchar } from "drizzle-orm/pg-core";
import { userRole } from "../enums";

export const users = pgTable(
  "users",
  {
    id: integer("id").primaryKey().generatedByDefaultAsIdentity(),
    email: text("email").notNull().unique("users_email_key"),
    fullName: text("full_name").notNull(),
    role: userRole("role").notNull().default("student"),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
    cardNumber: varchar("card_number", { length: 16 }),
    cardExpiresOn: date("card_expires_on"),
  },
  (table) => [uniqueIndex("idx_users_card_number").on(table.cardNumber)],
);
