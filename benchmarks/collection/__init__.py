"""Complete respondent sessions under load, beside what the same machine can do at most."""
