-- compatible from version 1
-- An older version of the service reads here whether it may run, and every start reads whether a step has been interrupted.
ALTER TABLE log
    ADD COLUMN compatible_from integer NOT NULL DEFAULT 1,
    ADD COLUMN under_way integer;
