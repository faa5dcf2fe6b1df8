DROP TABLE profile_defaults;
