-- For triggers BEFORE UPDATE: the row has another revision. Which changes count, the trigger's condition says.
CREATE OR REPLACE FUNCTION hub_count_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.revision := OLD.revision + 1;
    RETURN NEW;
END $$;
