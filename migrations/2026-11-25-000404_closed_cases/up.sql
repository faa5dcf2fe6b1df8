-- What may be expected of a case is read from those that have closed, the latest first.
CREATE INDEX cases_closed ON cases (closed_at DESC) WHERE phase = 'closed';
