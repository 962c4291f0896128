-- Writes what is still in memory to disk, so that the next run does not pay for it.
checkpoint;
