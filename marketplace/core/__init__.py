"""What every feature stands on: database, policy, workflow, audit, outbox, jobs, settings, files, words, HTTP."""
