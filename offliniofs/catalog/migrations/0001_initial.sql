-- Migration 1: the whole catalogue.
--
-- Conventions. Times are nanoseconds since the epoch in columns that end in _ns. Sizes are bytes. Every id the kernel may
-- hold (content, files) is AUTOINCREMENT, so that an inode number is never given out twice. Columns marked "kept by the
-- writer" repeat what could be computed, because a view must list without computing; fsck recomputes and compares them.
-- Rows with deleted_ns set are in the trash: every view's index is partial and leaves them out.

-- A title (movie, series, album, other), or what stands above (artist) or below one (season, folder, episode, track).
CREATE TABLE content (
    id              INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 4294967295),
    kind            TEXT    NOT NULL CHECK (kind IN ('movie', 'series', 'season', 'episode', 'artist', 'album', 'track', 'other', 'folder')),
    -- season → series, episode → season, album → artist, track → album, folder → title or folder
    parent_id       INTEGER REFERENCES content (id) ON DELETE CASCADE,
    -- the title this row belongs to: itself for a title, NULL for an artist
    title_id        INTEGER REFERENCES content (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    -- the top folder that lists it, for rows without a parent
    shelf           TEXT    CHECK (shelf IN ('movies', 'series', 'music', 'other')),
    -- name as a directory inside its parent or shelf; NULL for episodes and tracks, which show only through their files
    folder_name     TEXT    CHECK (folder_name IS NULL OR (length(CAST(folder_name AS BLOB)) BETWEEN 1 AND 255 AND instr(folder_name, '/') = 0)),
    -- name of the title folder in every facet view, unique among all titles; NULL for all but titles
    title_name      TEXT    CHECK (title_name IS NULL OR (length(CAST(title_name AS BLOB)) BETWEEN 1 AND 255 AND instr(title_name, '/') = 0)),
    title           TEXT    NOT NULL,
    sort_title      TEXT    NOT NULL,
    original_title  TEXT,
    year            INTEGER CHECK (year BETWEEN 1800 AND 2999),
    season          INTEGER CHECK (season BETWEEN 0 AND 99999),
    episode         INTEGER CHECK (episode BETWEEN 0 AND 999999),
    last_episode    INTEGER CHECK (last_episode BETWEEN 0 AND 999999),
    disc            INTEGER CHECK (disc BETWEEN 0 AND 9999),
    track           INTEGER CHECK (track BETWEEN 0 AND 99999),
    air_date        TEXT,
    plot            TEXT,
    rating          REAL    CHECK (rating BETWEEN 0 AND 10),
    edition         TEXT,
    languages       TEXT    NOT NULL DEFAULT '' CHECK (languages = lower(languages)), -- ' en de ', for instr with spaces
    artist          TEXT,
    favourite       INTEGER NOT NULL DEFAULT 0 CHECK (favourite IN (0, 1)),
    -- kept by the writer. 0: an artist without an album in the library, whom music/ does not show; the name stays taken
    listed          INTEGER NOT NULL DEFAULT 1 CHECK (listed IN (0, 1)),
    -- kept by the writer, over all files at or below this row
    quality_rank    INTEGER NOT NULL DEFAULT 0, -- of the best media file
    media_count     INTEGER NOT NULL DEFAULT 0 CHECK (media_count >= 0),
    file_count      INTEGER NOT NULL DEFAULT 0 CHECK (file_count >= 0),
    total_size      INTEGER NOT NULL DEFAULT 0 CHECK (total_size >= 0),
    added_ns        INTEGER NOT NULL,
    modified_ns     INTEGER NOT NULL, -- when its listing last changed: the directory's mtime
    deleted_ns      INTEGER,
    trash_id        INTEGER REFERENCES trash (id) DEFERRABLE INITIALLY DEFERRED, -- the entry that brings it back
    CHECK ((deleted_ns IS NULL) = (trash_id IS NULL)),
    CHECK ((shelf IS NULL) OR (parent_id IS NULL)),
    CHECK ((title_name IS NOT NULL) = (kind IN ('movie', 'series', 'album', 'other')))
) STRICT;

CREATE INDEX content_shelf_listing ON content (shelf, id, folder_name, kind, modified_ns) WHERE shelf IS NOT NULL AND deleted_ns IS NULL AND listed = 1;
CREATE UNIQUE INDEX content_shelf_name ON content (shelf, folder_name) WHERE shelf IS NOT NULL AND deleted_ns IS NULL;
-- a name nobody has asked for lately is found in one b-tree, without the wide row
CREATE INDEX content_shelf_lookup ON content (shelf, folder_name, kind, modified_ns) WHERE shelf IS NOT NULL AND deleted_ns IS NULL AND listed = 1;
CREATE INDEX content_child_listing ON content (parent_id, id, folder_name, kind, modified_ns) WHERE folder_name IS NOT NULL AND deleted_ns IS NULL;
CREATE UNIQUE INDEX content_child_name ON content (parent_id, folder_name) WHERE parent_id IS NOT NULL AND folder_name IS NOT NULL AND deleted_ns IS NULL;
CREATE INDEX content_parent ON content (parent_id);
CREATE INDEX content_title ON content (title_id, kind, season, episode);
CREATE UNIQUE INDEX content_title_name ON content (title_name) WHERE title_name IS NOT NULL AND deleted_ns IS NULL;
CREATE INDEX content_title_listing ON content (id, title_name, kind, modified_ns) WHERE title_name IS NOT NULL AND deleted_ns IS NULL;
CREATE INDEX content_year_listing ON content (year, id, title_name, kind, modified_ns) WHERE title_name IS NOT NULL AND deleted_ns IS NULL;
CREATE INDEX content_added ON content (added_ns DESC, id) WHERE title_name IS NOT NULL AND deleted_ns IS NULL;
CREATE INDEX content_favourite ON content (id, title_name, kind, modified_ns) WHERE favourite = 1 AND title_name IS NOT NULL AND deleted_ns IS NULL;
CREATE INDEX content_kind ON content (kind, id) WHERE deleted_ns IS NULL;
-- finds the row an arriving file belongs to
CREATE INDEX content_identity ON content (kind, sort_title, year) WHERE deleted_ns IS NULL;
CREATE INDEX content_quality ON content (quality_rank, id) WHERE title_name IS NOT NULL AND deleted_ns IS NULL;
CREATE INDEX content_size ON content (total_size, id) WHERE title_name IS NOT NULL AND deleted_ns IS NULL;
-- everything a search's filters ask of a title, so that they never read its wide row
CREATE INDEX content_search ON content (id, kind, year, quality_rank, total_size, added_ns, favourite, languages) WHERE title_name IS NOT NULL AND deleted_ns IS NULL;
-- how much a selection holds is added up along this: three pages where content_search has eight
CREATE INDEX content_total ON content (id, total_size) WHERE title_name IS NOT NULL AND deleted_ns IS NULL;
-- lang: there are few different lists of languages, found one after the other
CREATE INDEX content_languages ON content (languages, id) WHERE title_name IS NOT NULL AND deleted_ns IS NULL;
CREATE INDEX content_trash ON content (trash_id, parent_id, folder_name) WHERE trash_id IS NOT NULL;

-- Ids that others gave a row: imdb, tmdb, tvdb. They identify a title before its name does.
CREATE TABLE content_external_ids (
    content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    provider   TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    PRIMARY KEY (content_id, provider)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_external_ids_value ON content_external_ids (provider, value);

-- Names a title or an artist had before a user gave it another: later imports still find it by them.
CREATE TABLE content_aliases (
    kind       TEXT    NOT NULL CHECK (kind IN ('movie', 'series', 'album', 'other', 'artist')),
    sort_title TEXT    NOT NULL,
    content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    year       INTEGER,
    PRIMARY KEY (kind, sort_title, content_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_aliases_content ON content_aliases (content_id);

-- Who may enter a directory, where that differs from the mount's settings. Few rows.
CREATE TABLE content_access (
    content_id     INTEGER PRIMARY KEY REFERENCES content (id) ON DELETE CASCADE,
    mode           INTEGER CHECK (mode BETWEEN 0 AND 4095), -- of the directory; NULL: the mount's
    uid            INTEGER CHECK (uid BETWEEN 0 AND 4294967294),
    gid            INTEGER CHECK (gid BETWEEN 0 AND 4294967294),
    minimum_age    INTEGER CHECK (minimum_age BETWEEN 0 AND 99), -- of those who should see it, in years
    only_gid       INTEGER CHECK (only_gid BETWEEN 0 AND 4294967294), -- the only group that may enter, as a user said
    restricted_gid INTEGER CHECK (restricted_gid BETWEEN 0 AND 4294967294) -- the same with age_rules; kept by the writer
) STRICT;
CREATE INDEX content_access_age ON content_access (minimum_age) WHERE minimum_age IS NOT NULL;

-- Titles for that age and above are for one group only.
CREATE TABLE age_rules (
    minimum_age INTEGER PRIMARY KEY CHECK (minimum_age BETWEEN 0 AND 99),
    gid         INTEGER NOT NULL CHECK (gid BETWEEN 0 AND 4294967294)
) STRICT;

-- Genres in normal form. known = 0 marks one that no vocabulary has.
CREATE TABLE genres (
    id          INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 16777215),
    name        TEXT    NOT NULL UNIQUE,
    folder_name TEXT    NOT NULL UNIQUE CHECK (instr(folder_name, '/') = 0),
    known       INTEGER NOT NULL DEFAULT 1 CHECK (known IN (0, 1))
) STRICT;

-- Titles only: what a series is, its episodes are.
CREATE TABLE content_genres (
    genre_id   INTEGER NOT NULL REFERENCES genres (id) ON DELETE CASCADE,
    content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (genre_id, content_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_genres_content ON content_genres (content_id, position);

CREATE TABLE people (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE content_people (
    content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    person_id  INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    role       TEXT    NOT NULL,
    position   INTEGER NOT NULL DEFAULT 0,
    character  TEXT,
    PRIMARY KEY (content_id, person_id, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_people_person ON content_people (person_id, content_id);

CREATE TABLE tags (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE content_tags (
    tag_id     INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    PRIMARY KEY (tag_id, content_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_tags_content ON content_tags (content_id);

-- What the blob store holds. A row is written only after its blob is durable.
CREATE TABLE blobs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    digest      BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32), -- BLAKE3
    size        INTEGER NOT NULL CHECK (size >= 0),
    state       TEXT    NOT NULL DEFAULT 'present' CHECK (state IN ('present', 'corrupt', 'missing')),
    placed_by   TEXT    NOT NULL CHECK (placed_by IN ('reflink', 'copy', 'hardlink', 'move')),
    encryption  TEXT,   -- key slot that encrypts it, NULL for plain
    stored_ns   INTEGER NOT NULL,
    verified_ns INTEGER NOT NULL
) STRICT;
CREATE INDEX blobs_state ON blobs (state) WHERE state <> 'present';
CREATE INDEX blobs_verified ON blobs (verified_ns);

-- Blobs that no row names any more, since something was removed for good. The file in the store goes in a transaction
-- of its own; the row stays a while, so that an import that counted on the bytes notices.
CREATE TABLE blob_removals (
    digest     BLOB    PRIMARY KEY CHECK (length(digest) = 32),
    purged_ns  INTEGER NOT NULL,
    removed_ns INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_removals_waiting ON blob_removals (digest) WHERE removed_ns IS NULL;
CREATE INDEX blob_removals_done ON blob_removals (removed_ns) WHERE removed_ns IS NOT NULL;

-- One file of the library: a blob under a name in one folder. Its id is its inode in every view.
CREATE TABLE files (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    content_id     INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE, -- what it is: movie, episode, track, …
    folder_id      INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE, -- the directory that lists it
    title_id       INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE, -- the title it belongs to
    blob_id        INTEGER NOT NULL REFERENCES blobs (id) ON DELETE RESTRICT,
    sidecar_of     INTEGER REFERENCES files (id) ON DELETE SET NULL,            -- the media file a subtitle goes with
    role           TEXT    NOT NULL CHECK (role IN ('media', 'subtitle', 'artwork', 'nfo', 'extra', 'data')),
    name           TEXT    NOT NULL CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 255 AND instr(name, '/') = 0),
    size           INTEGER NOT NULL CHECK (size >= 0),
    mtime_ns       INTEGER NOT NULL, -- the original's; never changes by itself
    mode           INTEGER CHECK (mode BETWEEN 0 AND 4095), -- NULL: the mount's default
    uid            INTEGER,
    gid            INTEGER,
    link_count     INTEGER NOT NULL DEFAULT 1 CHECK (link_count >= 1), -- in how many permanent views it stands; kept by the writer
    -- media facts
    quality        TEXT    NOT NULL DEFAULT 'Unknown',
    quality_rank   INTEGER NOT NULL DEFAULT 0,
    resolution     TEXT,    -- the by-quality folder: 2160p, 1080p, 720p, 576p, 480p, …; for subtitles that of their media file
    source         TEXT,
    modifiers      TEXT    NOT NULL DEFAULT '',
    edition        TEXT,
    release_group  TEXT,
    mime_type      TEXT,
    container      TEXT,
    video_codec    TEXT,
    audio_codec    TEXT,
    hdr            TEXT,
    width          INTEGER,
    height         INTEGER,
    duration_ms    INTEGER,
    bit_rate       INTEGER,
    languages      TEXT    NOT NULL DEFAULT '',
    -- provenance
    original_name  BLOB    NOT NULL, -- bytes, as the source's file system gave them
    original_path  BLOB    NOT NULL,
    origin_url     TEXT,
    added_ns       INTEGER NOT NULL,
    deleted_ns     INTEGER,
    trash_id       INTEGER REFERENCES trash (id) DEFERRABLE INITIALLY DEFERRED,
    CHECK ((deleted_ns IS NULL) = (trash_id IS NULL))
) STRICT;
CREATE INDEX files_listing ON files (folder_id, id) WHERE deleted_ns IS NULL;
CREATE UNIQUE INDEX files_name ON files (folder_id, name) WHERE deleted_ns IS NULL;
CREATE INDEX files_content ON files (content_id);
CREATE INDEX files_title ON files (title_id, resolution);
CREATE INDEX files_blob ON files (blob_id);
CREATE INDEX files_sidecar ON files (sidecar_of) WHERE sidecar_of IS NOT NULL;
CREATE INDEX files_trash ON files (trash_id, folder_id, id) WHERE trash_id IS NOT NULL;

-- Which directories (titles, and the seasons and folders below them) hold, at any depth, a media file of which picture
-- size. Kept by the writer; lists by-quality.
CREATE TABLE content_resolutions (
    resolution TEXT    NOT NULL,
    content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    PRIMARY KEY (resolution, content_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_resolutions_content ON content_resolutions (content_id);

-- What evidence decided each field. source 'user' protects a field from every later import.
CREATE TABLE content_evidence (
    content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    field      TEXT    NOT NULL,
    source     TEXT    NOT NULL CHECK (source IN ('user', 'probe', 'nfo', 'tag', 'name', 'folder', 'default')),
    detail     TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (content_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE file_evidence (
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    field   TEXT    NOT NULL,
    source  TEXT    NOT NULL CHECK (source IN ('user', 'probe', 'nfo', 'tag', 'name', 'folder', 'default')),
    detail  TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (file_id, field)
) STRICT, WITHOUT ROWID;

-- Sources already imported, so that a second import of the same file costs one stat and a resumed one goes on.
CREATE TABLE import_sources (
    path        BLOB    PRIMARY KEY,
    device      INTEGER NOT NULL,
    inode       INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    mtime_ns    INTEGER NOT NULL,
    file_id     INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    imported_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX import_sources_file ON import_sources (file_id);

CREATE TABLE collections (
    id          INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 16777215),
    name        TEXT    NOT NULL UNIQUE,
    folder_name TEXT    NOT NULL UNIQUE CHECK (instr(folder_name, '/') = 0),
    created_ns  INTEGER NOT NULL
) STRICT;

CREATE TABLE collection_content (
    collection_id INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    content_id    INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    position      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (collection_id, content_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_content_content ON collection_content (content_id);

-- How titles relate: a sequel, a remake, the series a film belongs to.
CREATE TABLE content_relationships (
    from_id           INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    to_id             INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    relationship_type TEXT    NOT NULL CHECK (relationship_type IN ('sequel', 'prequel', 'remake', 'spin-off', 'adaptation', 'related', 'duplicate')),
    created_ns        INTEGER NOT NULL,
    PRIMARY KEY (from_id, relationship_type, to_id),
    CHECK (from_id <> to_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_relationships_to ON content_relationships (to_id);

-- One row for every title, made with it, so that the titles nobody has viewed are one range of an index. Other content
-- has a row once it was viewed or downloaded: views = 0 and downloads = 0 therefore means a title.
CREATE TABLE content_statistics (
    content_id     INTEGER PRIMARY KEY REFERENCES content (id) ON DELETE CASCADE,
    views          INTEGER NOT NULL DEFAULT 0 CHECK (views >= 0),
    downloads      INTEGER NOT NULL DEFAULT 0 CHECK (downloads >= 0),
    bytes_read     INTEGER NOT NULL DEFAULT 0 CHECK (bytes_read >= 0),
    last_viewed_ns INTEGER
) STRICT;
CREATE INDEX content_statistics_views ON content_statistics (views, content_id);

-- A view (most of a file was really read) or a download, one row each.
CREATE TABLE access_events (
    id          INTEGER PRIMARY KEY,
    file_id     INTEGER REFERENCES files (id) ON DELETE CASCADE,
    content_id  INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL CHECK (kind IN ('view', 'download')),
    happened_ns INTEGER NOT NULL,
    bytes       INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0)
) STRICT;
CREATE INDEX access_events_content ON access_events (content_id, happened_ns);
CREATE INDEX access_events_file ON access_events (file_id);
CREATE INDEX access_events_time ON access_events (happened_ns);

-- Full-text search, one row a title (rowid = content.id). Contentless: the texts live in the tables above.
-- bm25 weights, in column order, are the reader's. 'facets' holds no text but words such as =g5 (a genre), =y1999,
-- =r1080p, =u (unwatched): a search, and how much a nested facet holds, meet them with each other and with words inside
-- the index. =wblade is a word of the title or the original title. Nothing that is typed contains '='.
CREATE VIRTUAL TABLE search_index USING fts5 (
    title, original_title, people, keywords, episodes, files, plot, facets,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2 tokenchars ''=''', prefix = '1 2 3'
);
-- two pieces of one size are enough to be put together, see catalog/pieces.py
INSERT INTO search_index (search_index, rank) VALUES ('usermerge', 2);
-- The terms of the index, for "did you mean".
CREATE VIRTUAL TABLE search_terms USING fts5vocab (search_index, instance);

-- Titles whose row of search_index may still hold names of files that were removed a moment ago. Who removes file by file,
-- as rm -r does, would otherwise have it made anew for each of them. It is made anew soon after, and by any other change
-- of what the title is found by.
CREATE TABLE late_texts (
    content_id INTEGER PRIMARY KEY REFERENCES content (id) ON DELETE CASCADE
) STRICT;

CREATE TABLE saved_searches (
    id         INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 16777215),
    name       TEXT    NOT NULL UNIQUE CHECK (instr(name, '/') = 0),
    query      TEXT    NOT NULL,
    created_ns INTEGER NOT NULL,
    changed_ns INTEGER NOT NULL
) STRICT;

-- Folders that exist because somebody entered them (a search, a nested facet), so that their inode numbers are still
-- understood after a restart. Bounded: the oldest go.
CREATE TABLE recent_views (
    context INTEGER PRIMARY KEY CHECK (context BETWEEN 0 AND 16777215), -- the number inside the inode
    path    TEXT    NOT NULL UNIQUE,                                    -- from the root of the mount
    used_ns INTEGER NOT NULL
) STRICT;
CREATE INDEX recent_views_used ON recent_views (used_ns);

-- When the listing of each view last changed, and what it holds. Kept by the writer. Keys: 'shelf:movies', 'genre:5',
-- 'year:1999', 'resolution:1080', 'collection:2', 'recent', 'unwatched', 'favourites', 'saved', 'facet:by-genre', …, and
-- 'library' for anything that any search could show. titles and total_size stay 0 where they mean nothing.
CREATE TABLE view_times (
    view       TEXT    PRIMARY KEY,
    changed_ns INTEGER NOT NULL,
    titles     INTEGER NOT NULL DEFAULT 0 CHECK (titles >= 0),
    total_size INTEGER NOT NULL DEFAULT 0 CHECK (total_size >= 0), -- bytes of all files of those titles
    kept       INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1))   -- whether kept_folders has it
) STRICT, WITHOUT ROWID;

-- Folders of a facet, and of artists, that somebody made before anything stood in them: 'genre:5', 'year:1999',
-- 'artist:7'. A row goes when the first title comes, or with rmdir.
CREATE TABLE kept_folders (
    view    TEXT    PRIMARY KEY,
    made_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Folders that a file manager made under a name of its own ('New folder') and whose user has not named them yet: none
-- of the library's, and no step of the history. A row goes with rmdir, or when its time is over. What has got its name is
-- known as what it became, to clients that had it open then.
CREATE TABLE unnamed_folders (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    place   TEXT    NOT NULL, -- 'content:7', or as in view_times: 'facet:by-genre', 'saved', 'shelf:music'
    name    TEXT    NOT NULL,
    made_ns INTEGER NOT NULL,
    became  INTEGER           -- the inode number, in the canonical tree, of what the name made
) STRICT;
CREATE UNIQUE INDEX unnamed_folders_waiting ON unnamed_folders (place, name) WHERE became IS NULL;

-- How much there is. Kept by the writer. 'blobs' is what is stored, 'files' what refers to it; the difference is what
-- keeping everything once saves.
CREATE TABLE library_totals (
    subject    TEXT    PRIMARY KEY CHECK (subject IN ('blobs', 'files')),
    items      INTEGER NOT NULL DEFAULT 0 CHECK (items >= 0),
    total_size INTEGER NOT NULL DEFAULT 0 CHECK (total_size >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO library_totals (subject) VALUES ('blobs'), ('files');

-- What every mount must invalidate, in order. Trimmed by age.
CREATE TABLE change_log (
    sequence     INTEGER PRIMARY KEY AUTOINCREMENT,
    changed_ns   INTEGER NOT NULL,
    subject      TEXT    NOT NULL CHECK (subject IN ('content', 'file', 'view')),
    action       TEXT    NOT NULL CHECK (action IN ('added', 'changed', 'removed')),
    subject_id   INTEGER, -- content.id or files.id
    directory_id INTEGER, -- the content row whose listing holds the name; NULL: a shelf or a view
    view         TEXT,    -- key as in view_times, when a view's listing changed
    name         TEXT     -- the directory entry, so that the kernel's copy can be dropped
) STRICT;
CREATE INDEX change_log_time ON change_log (changed_ns);

-- Every change anybody made. Rows of one step are taken back together: it bears the id of its first row.
CREATE TABLE audit_log (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    step        INTEGER REFERENCES audit_log (id) DEFERRABLE INITIALLY DEFERRED,
    happened_ns INTEGER NOT NULL,
    actor       TEXT    NOT NULL, -- 'uid:1000'
    pid         INTEGER,          -- of the process that asked
    program     TEXT    NOT NULL,
    action      TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    before      TEXT    CHECK (before IS NULL OR json_valid(before)),
    after       TEXT    CHECK (after IS NULL OR json_valid(after)),
    -- how it can be taken back: by the rows of audit_changes, by putting what came into the trash, or not at all
    way_back    TEXT    CHECK (way_back IN ('changes', 'trash')),
    undoes      INTEGER REFERENCES audit_log (id) ON DELETE SET NULL, -- the step that this one took back
    undone_by   INTEGER REFERENCES audit_log (id) ON DELETE SET NULL  -- the step that took this one back
) STRICT;
CREATE INDEX audit_log_step ON audit_log (step, id);
CREATE INDEX audit_log_process ON audit_log (pid, id) WHERE pid IS NOT NULL;
CREATE INDEX audit_log_undoable ON audit_log (id) WHERE way_back IS NOT NULL AND undone_by IS NULL AND undoes IS NULL;
CREATE INDEX audit_log_undoes ON audit_log (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX audit_log_undoing ON audit_log (id) WHERE undoes IS NOT NULL AND undone_by IS NULL AND way_back IS NOT NULL;
CREATE INDEX audit_log_subject ON audit_log (subject, id);
CREATE INDEX audit_log_time ON audit_log (happened_ns);
CREATE INDEX audit_log_undone_by ON audit_log (undone_by) WHERE undone_by IS NOT NULL;

-- What each change did to the rows people decide about: JSON, deflated; see catalog/row_changes.py.
CREATE TABLE audit_changes (
    audit_id INTEGER PRIMARY KEY REFERENCES audit_log (id) ON DELETE CASCADE,
    changes  BLOB    NOT NULL
) STRICT;

-- What was deleted, an entry of .trash/ each: a directory with what was in it, or a file. The rows stay where they are,
-- marked with the entry.
CREATE TABLE trash (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    content_id  INTEGER REFERENCES content (id) ON DELETE CASCADE,
    file_id     INTEGER REFERENCES files (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL UNIQUE CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 255 AND instr(name, '/') = 0),
    deleted_ns  INTEGER NOT NULL,
    expires_ns  INTEGER, -- when it may be removed for good; NULL: never by itself
    step        INTEGER NOT NULL, -- of audit_log: what one step deletes from a directory comes to lie with the directory
    CHECK ((content_id IS NULL) <> (file_id IS NULL))
) STRICT;
CREATE INDEX trash_expiry ON trash (expires_ns);
CREATE INDEX trash_step ON trash (step);
CREATE INDEX trash_content ON trash (content_id) WHERE content_id IS NOT NULL;
CREATE INDEX trash_file ON trash (file_id) WHERE file_id IS NOT NULL;

CREATE TABLE download_queue (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    url          TEXT    NOT NULL,
    title        TEXT,
    state        TEXT    NOT NULL CHECK (state IN ('queued', 'active', 'paused', 'verifying', 'done', 'failed', 'cancelled')),
    priority     INTEGER NOT NULL DEFAULT 0,
    attempts     INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    not_before_ns INTEGER NOT NULL DEFAULT 0,
    total_bytes  INTEGER CHECK (total_bytes >= 0),
    done_bytes   INTEGER NOT NULL DEFAULT 0 CHECK (done_bytes >= 0),
    etag         TEXT,
    last_error   TEXT,
    content_id   INTEGER REFERENCES content (id) ON DELETE SET NULL,
    file_id      INTEGER REFERENCES files (id) ON DELETE SET NULL,
    created_ns   INTEGER NOT NULL,
    changed_ns   INTEGER NOT NULL
) STRICT;
CREATE INDEX download_queue_next ON download_queue (state, priority DESC, not_before_ns, id);
CREATE INDEX download_queue_content ON download_queue (content_id) WHERE content_id IS NOT NULL;
CREATE INDEX download_queue_file ON download_queue (file_id) WHERE file_id IS NOT NULL;

CREATE TABLE user_preferences (
    name       TEXT    PRIMARY KEY,
    value      TEXT    NOT NULL CHECK (json_valid(value)),
    changed_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Answers of metadata providers. Size-bounded, expires.
CREATE TABLE metadata_cache (
    provider   TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    value      BLOB    NOT NULL,
    fetched_ns INTEGER NOT NULL,
    expires_ns INTEGER NOT NULL,
    PRIMARY KEY (provider, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX metadata_cache_expiry ON metadata_cache (expires_ns);

CREATE TABLE metric_samples (
    name       TEXT    NOT NULL,
    sampled_ns INTEGER NOT NULL,
    value      REAL    NOT NULL,
    PRIMARY KEY (name, sampled_ns)
) STRICT, WITHOUT ROWID;
CREATE INDEX metric_samples_time ON metric_samples (sampled_ns);

CREATE TABLE alerts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL,
    severity    TEXT    NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    message     TEXT    NOT NULL,
    raised_ns   INTEGER NOT NULL,
    cleared_ns  INTEGER
) STRICT;
CREATE INDEX alerts_open ON alerts (name) WHERE cleared_ns IS NULL;

CREATE TABLE backups (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    path        BLOB    NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('migration', 'manual', 'scheduled')),
    state       TEXT    NOT NULL CHECK (state IN ('writing', 'done', 'verified', 'failed')),
    size        INTEGER CHECK (size >= 0),
    digest      BLOB    CHECK (digest IS NULL OR length(digest) = 32),
    created_ns  INTEGER NOT NULL,
    verified_ns INTEGER
) STRICT;
