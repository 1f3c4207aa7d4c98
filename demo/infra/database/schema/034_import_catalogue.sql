-- Migration 034: the old catalogue, as its own program wrote it
--
-- Rollback:
--   DROP TABLE IF EXISTS old_catalogue;

CREATE TABLE `old_catalogue` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `title` varchar(200) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

COPY books (isbn, title, author) FROM STDIN;
