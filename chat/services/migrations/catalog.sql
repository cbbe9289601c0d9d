-- The parts of each table and function, as PostgreSQL's catalog describes them: a row each. What an extension has brought is left out, and
-- so are an invalid index (one that is being built, or whose build was interrupted), the order of columns and the storage options of tables.
-- PostgreSQL 15 to 18 describe the same schema by the same rows.
WITH home AS (
    SELECT n.oid, quote_ident(n.nspname) || '.' AS prefix FROM pg_namespace n
    WHERE n.oid = coalesce((SELECT relnamespace FROM pg_class WHERE oid = to_regclass('log')), to_regnamespace(quote_ident(current_schema())))
), relations AS (
    SELECT c.oid, c.relname, c.relkind FROM home h JOIN pg_class c ON c.relnamespace = h.oid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
), functions AS (
    SELECT p.* FROM home h JOIN pg_proc p ON p.pronamespace = h.oid
    WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
)
SELECT 'table ' || relname AS name, concat('kind ', relkind) AS part FROM relations
UNION ALL
SELECT 'table ' || r.relname, concat_ws(' ', 'column', a.attname, format_type(a.atttypid, a.atttypmod), 'COLLATE ' || nullif(c.collname, 'default'),
    CASE WHEN a.attnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), nullif(a.attidentity, ''), nullif(a.attgenerated, ''))
FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation c ON c.oid = a.attcollation
UNION ALL
SELECT 'table ' || r.relname, concat_ws(' ', 'constraint', c.conname, pg_get_constraintdef(c.oid))
FROM relations r JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype <> 'n' -- NOT NULL is the column's, before PostgreSQL 18 too
UNION ALL
SELECT 'table ' || r.relname, replace(pg_get_indexdef(i.indexrelid), h.prefix, '')
FROM home h, relations r JOIN pg_index i ON i.indrelid = r.oid AND i.indisvalid
UNION ALL
SELECT 'table ' || r.relname, concat_ws(' ', t.tgenabled, pg_get_triggerdef(t.oid, true))
FROM relations r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
UNION ALL
SELECT 'table ' || r.relname, replace(pg_get_statisticsobjdef(s.oid), h.prefix, '')
FROM home h, relations r JOIN pg_statistic_ext s ON s.stxrelid = r.oid
UNION ALL
SELECT 'function ' || p.proname, concat_ws(' ', pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), l.lanname, p.prokind, p.provolatile,
    p.proisstrict, p.prosecdef, p.proconfig, p.prosrc)
FROM functions p JOIN pg_language l ON l.oid = p.prolang
