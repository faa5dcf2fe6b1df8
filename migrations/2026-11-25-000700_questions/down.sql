DROP TABLE listing_question_authors;
DROP TABLE listing_questions;
