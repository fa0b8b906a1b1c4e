-- Who reads or imports may see how far the migrations are.
grant select on airq_migrations to airq_reader, airq_loader;
