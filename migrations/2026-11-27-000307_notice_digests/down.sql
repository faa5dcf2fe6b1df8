DROP TABLE notice_digests;
