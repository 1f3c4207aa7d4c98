CREATE TABLE IF NOT EXISTS "book_tags" (
	"id" serial PRIMARY KEY NOT NULL,
	"book_id" integer NOT NULL,
	"tag" varchar(40) NOT NULL
);
--> statement-breakpoint
ALTER TABLE "book_tags" ADD CONSTRAINT "book_tags_book_id_books_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."books"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "idx_book_tags_tag" ON "book_tags" USING btree ("tag");
