DROP TABLE agency_credentials, api_keys, refresh_tokens, members, organisations;
