/** The list as it was before last winter. Kept by accident; the deploy reads db-init-handler.ts. */
export const MIGRATION_FILES = ["010-book-covers.sql", "011-courses.sql", "012-reading-lists.sql"];
