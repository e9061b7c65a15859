# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_stead_global_optspecs
    string join \n dir= dev= log-format= sync= query-timeout= encryption-env= hooks-dir= migrations-dir= public-dir= index-fallback= thumbs-max-workers= thumbs-max-wait= thumbs-max-source-pixels= hooks-watch= hooks-edit= hooks-env= hooks-pool= automigrate= v/version h/help
end

function __fish_stead_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_stead_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_stead_using_subcommand
    set -l cmd (__fish_stead_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c stead -n "__fish_stead_needs_command" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_needs_command" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_needs_command" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_needs_command" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_needs_command" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_needs_command" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_needs_command" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_needs_command" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_needs_command" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_needs_command" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_needs_command" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_needs_command" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_needs_command" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_needs_command" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_needs_command" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_needs_command" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_needs_command" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_needs_command" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_needs_command" -s v -l version -d 'Print the version'
complete -c stead -n "__fish_stead_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_needs_command" -f -a "serve" -d 'Start the server'
complete -c stead -n "__fish_stead_needs_command" -f -a "migrate" -d 'Apply migrations, take them back, write new ones'
complete -c stead -n "__fish_stead_needs_command" -f -a "hooks" -d 'Work on scripts'
complete -c stead -n "__fish_stead_needs_command" -f -a "backup" -d 'Make, check and restore backups, also while a server runs'
complete -c stead -n "__fish_stead_needs_command" -f -a "restore" -d 'Make a data directory from a replica that `serve --replica` keeps'
complete -c stead -n "__fish_stead_needs_command" -f -a "doctor" -d 'Look for what would make trouble: directory, database, permissions, clock, backups. Changes nothing'
complete -c stead -n "__fish_stead_needs_command" -f -a "sql" -d 'Run SQL against the database, also while a server runs, and print the last result'
complete -c stead -n "__fish_stead_needs_command" -f -a "types" -d 'Print types of the collections for other programs, also while a server runs'
complete -c stead -n "__fish_stead_needs_command" -f -a "schema" -d 'The collections as a file: write it, see what one would change, apply it'
complete -c stead -n "__fish_stead_needs_command" -f -a "rules" -d 'Work on rules'
complete -c stead -n "__fish_stead_needs_command" -f -a "superuser" -d 'Manage superusers'
complete -c stead -n "__fish_stead_using_subcommand serve" -l http -d 'Address to listen on [default: 127.0.0.1:8090]; port 0 takes any free one. With TLS it only leads to the encrypted address; then empty for none [default with names: 0.0.0.0:80]' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l https -d 'Address to listen on with TLS [default with names or a certificate: 0.0.0.0:443]' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l tls-cert -d 'File with a certificate and those it was signed with (PEM); read anew when it changes' -r -F
complete -c stead -n "__fish_stead_using_subcommand serve" -l tls-key -d 'File with the key of the certificate (PEM)' -r -F
complete -c stead -n "__fish_stead_using_subcommand serve" -l acme-directory -d 'Address of the ACME service\'s directory' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l origins -d 'Origins that may call from browsers, separated by commas; * and ? are wildcards' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l realtime-heartbeat -d 'Seconds without an event after which a realtime stream gets a comment, so that proxies keep it' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l realtime-idle -d 'Seconds without an event after which a realtime stream ends; 0 for never' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l realtime-lifetime -d 'Seconds after which a realtime stream ends; 0 for never' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l request-memory -d 'Memory that bodies of requests, answers that wait for their clients and thumbnails may take, each, in MiB [default: a quarter of what the system allows, 512 at most]' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l metrics -d 'Address that answers /metrics for Prometheus, to everybody who can reach it; superusers find the same at /api/stead/metrics' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l otlp -d 'Address of a collector that gets a span per request (OTLP over HTTP), such as `http://127.0.0.1:4318`' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l replica -d 'Keep a replica of the database in a folder or a bucket: a path, or `s3://BUCKET/PREFIX?region=REGION&endpoint=URL`' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l replica-every -d 'Seconds between two parts of the replica' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l replica-image-hours -d 'Hours between two images of the whole database in the replica' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l replica-keep-hours -d 'How many hours back the replica can go' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l replica-access-key -d 'Access key of the replica\'s bucket' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l replica-secret-key -d 'Secret of the replica\'s bucket; better given as the variable' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand serve" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand serve" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand serve" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand serve" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand serve" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand serve" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand serve" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand serve" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand serve" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand serve" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand serve" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -f -a "up" -d 'Apply all that were not applied yet; the same as no command'
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -f -a "down" -d 'Take the last ones back'
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -f -a "create" -d 'Write a blank migration'
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -f -a "collections" -d 'Write a migration with all collections as they are'
complete -c stead -n "__fish_stead_using_subcommand migrate; and not __fish_seen_subcommand_from up down create collections history-sync" -f -a "history-sync" -d 'Forget applied migrations in Rhai whose files are gone'
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from collections" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand migrate; and __fish_seen_subcommand_from history-sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -f -a "check" -d 'Load the scripts of a folder without running them and report what is wrong'
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -f -a "types" -d 'Write the definitions of everything scripts can call, for editors'
complete -c stead -n "__fish_stead_using_subcommand hooks; and not __fish_seen_subcommand_from check types new" -f -a "new" -d 'Write a commented script to start from'
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -l reference -d 'Write the page of the documentation instead'
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from types" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand hooks; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -f -a "create" -d 'Make a backup'
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -f -a "verify" -d 'Say whether a backup could be restored'
complete -c stead -n "__fish_stead_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -f -a "restore" -d 'Put the data of a backup in the place of the present data'
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand backup; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand restore" -l from -d 'The place of the replica: a path, or `s3://BUCKET/PREFIX?region=REGION&endpoint=URL`' -r
complete -c stead -n "__fish_stead_using_subcommand restore" -l at -d 'The moment to go back to, such as 2026-11-20T12:00:00Z [default: the newest]' -r
complete -c stead -n "__fish_stead_using_subcommand restore" -l to -d 'The data directory to make' -r -F
complete -c stead -n "__fish_stead_using_subcommand restore" -l replica-access-key -d 'Access key of the replica\'s bucket' -r
complete -c stead -n "__fish_stead_using_subcommand restore" -l replica-secret-key -d 'Secret of the replica\'s bucket; better given as the variable' -r
complete -c stead -n "__fish_stead_using_subcommand restore" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand restore" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand restore" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand restore" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand restore" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand restore" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand restore" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand restore" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand restore" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand restore" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand restore" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand restore" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand restore" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand restore" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand restore" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand restore" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand restore" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand restore" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand doctor" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand doctor" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand doctor" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand doctor" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand doctor" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand doctor" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand doctor" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand doctor" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand doctor" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand doctor" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand doctor" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand doctor" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand doctor" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand doctor" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand doctor" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand doctor" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand doctor" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand doctor" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand sql" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand sql" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand sql" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand sql" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand sql" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand sql" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand sql" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand sql" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand sql" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand sql" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand sql" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand sql" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand sql" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand sql" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand sql" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand sql" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand sql" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand sql" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand sql" -l write -d 'Allow the query to change something; collections have to be changed over the API'
complete -c stead -n "__fish_stead_using_subcommand sql" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand types" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand types" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand types" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand types" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand types" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand types" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand types" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand types" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand types" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand types" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand types" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand types" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand types" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand types" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand types" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand types" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand types" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand types" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand types" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -f -a "export" -d 'Write all collections and the tests of their rules to a file; `-` prints them'
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -f -a "diff" -d 'Show what applying a file would do: statements, what follows renames, what is lost. Changes nothing'
complete -c stead -n "__fish_stead_using_subcommand schema; and not __fish_seen_subcommand_from export diff apply" -f -a "apply" -d 'Make the collections what a file says; rules, views, indexes and scripts follow renames. No server may run'
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l delete-missing -d 'Also delete collections and fields that the file does not have'
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -l json -d 'Print the plan as JSON'
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l delete-missing -d 'Also delete collections and fields that the file does not have'
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -l lose-data -d 'Apply it although it loses data'
complete -c stead -n "__fish_stead_using_subcommand schema; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand rules; and not __fish_seen_subcommand_from test" -f -a "test" -d 'Run the saved tests; fails if one of them does'
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand rules; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -f -a "upsert" -d 'Create a superuser, or change the password of an existing one'
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -f -a "create" -d 'Create a superuser'
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -f -a "update" -d 'Change the password of a superuser'
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -f -a "delete" -d 'Delete a superuser'
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -f -a "otp" -d 'Create a one-time password for a superuser'
complete -c stead -n "__fish_stead_using_subcommand superuser; and not __fish_seen_subcommand_from upsert create update delete otp ips" -f -a "ips" -d 'Set the addresses and subnets superusers may come from; none clears the list'
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from upsert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from otp" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l dir -d 'The data directory' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l dev -d 'Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l log-format -d 'How log events look on the standard error' -r -f -a "text\t'Lines for people'
json\t'A JSON object per line'"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l sync -d 'What an answer to a write promises: that the change survives a power cut (full), or the end of the process only (normal), which is quicker on slow disks and may lose the last changes' -r -f -a "full\t''
normal\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l query-timeout -d 'Longest time a single read may take, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l encryption-env -d 'Name of the environment variable with the 32-character key that encrypts the settings' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l hooks-dir -d 'Folder of scripts [default: hooks, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l migrations-dir -d 'Folder of migrations [default: migrations, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l public-dir -d 'Folder of static files [default: public, beside the data directory]' -r -F
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l index-fallback -d 'Show the static index.html for unknown paths' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l thumbs-max-workers -d 'How many thumbnails are made at once [default: one per processor]' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l thumbs-max-wait -d 'Longest time a request waits for a thumbnail, in seconds' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l thumbs-max-source-pixels -d 'Most pixels of a picture that thumbnails are made of' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l hooks-watch -d 'Load scripts again when they change' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l hooks-edit -d 'Let superusers change scripts in the admin UI; always so with --dev' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l hooks-env -d 'Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l hooks-pool -d 'Accepted for compatibility; there is no pool of interpreters' -r
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -l automigrate -d 'Write a migration for every change of a collection over the API [default: with --dev]' -r -f -a "true\t''
false\t''"
complete -c stead -n "__fish_stead_using_subcommand superuser; and __fish_seen_subcommand_from ips" -s h -l help -d 'Print help (see more with \'--help\')'
