export * from "./enums";
export * from "./tables/users";
export * from "./tables/books";
export * from "./tables/announcements";
