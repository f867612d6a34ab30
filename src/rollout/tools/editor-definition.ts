import type { JsonObject } from '../../domain/json.ts'

export const EDITOR_COMMANDS = ['view', 'create', 'str_replace', 'insert', 'undo_edit'] as const

/** What the Policy reads about `str_replace_editor`. */
export const EDITOR_DESCRIPTION = `Views, creates and edits text files.
* view shows a file with line numbers (or only the lines of view_range), or the files and directories up to 2 levels deep in a directory, without hidden ones. Long texts are cut and marked with <response clipped>.
* create writes a new file; it does not overwrite one.
* str_replace replaces old_str by new_str. old_str must stand in the file exactly once and match it exactly, white space included: give a few lines around the place if it is not unique.
* insert puts new_str after line insert_line.
* undo_edit takes back the last edit of a file made with this tool.`

/** JSON Schema of `str_replace_editor`'s arguments. */
export const EDITOR_PARAMETERS: JsonObject = {
  type: 'object',
  properties: {
    command: { type: 'string', enum: [...EDITOR_COMMANDS], description: 'What to do.' },
    path: { type: 'string', description: 'Absolute path of the file or directory, such as /repo/file.py.' },
    file_text: { type: 'string', description: 'Required for create: the whole text of the new file.' },
    old_str: { type: 'string', description: 'Required for str_replace: the text to replace, copied from the file.' },
    new_str: {
      type: 'string',
      description:
        'For str_replace: the text in its place (nothing when left out). Required for insert: the new lines.',
    },
    insert_line: {
      type: 'integer',
      description: 'Required for insert: the number of the line after which the text goes; 0 is the top of the file.',
    },
    view_range: {
      type: 'array',
      items: { type: 'integer' },
      description: 'For view of a file: first and last line, such as [11, 30]; [11, -1] goes to the end of the file.',
    },
  },
  required: ['command', 'path'],
}
