/**
 * The script of a Supervisor: the functions that its later lines call. It runs inside the Sandbox with what every image has
 * (bash 4, GNU head, tee, stat, grep) and answers with marks (`MarkScanner`); `_a` and `_b` hold their beginning and end.
 *
 * `_group` finds the youngest child of a shell, whose process group is the foreground job: while one runs, a shell starts no
 * other. Children from before the command (`_old`) count only while the shell waits for one of them (`fg`, `wait`).
 *
 * Signals of a passing `pkill bash` are survived (a trap, not `ignore`: programs started here get the default again). When stdin
 * ends – our process died, the connection broke – everything of this session is killed.
 */
export const SUPERVISOR_SCRIPT = String.raw`
trap : INT TERM HUP QUIT
trap _end EXIT
exec 2>/dev/null
_m() { builtin printf '%s%s%s' "$_a" "$1" "$_b"; }
_stat() { local s; f=(); { builtin read -r s <"/proc/$1/stat"; } && f=(${'$'}{s##*) }); }
_group() {
  local d p best=-1 w
  pg= yp=
  for d in /proc/[0-9]*; do
    p=${'$'}{d#/proc/}
    _stat "$p"
    [[ ${'$'}{f[1]} == "$1" && ${'$'}{f[0]} != Z && ${'$'}{f[19]} =~ ^[0-9]+$ && " $2 " != *" $p "* ]] || continue
    (( f[19] >= best )) && { best=${'$'}{f[19]}; pg=${'$'}{f[2]}; yp=$p; }
  done
  if [[ -z $pg && -n $2 ]]; then
    builtin read -r w <"/proc/$1/wchan"
    [[ $w == do_wait ]] && _group "$1"
  fi
}
_end() {
  local d sid
  _stat $$; sid=${'$'}{f[3]}
  [[ $sid == $$ ]] || return
  for d in /proc/[0-9]*; do
    _stat "${'$'}{d#/proc/}"
    [[ ${'$'}{f[3]} == "$sid" && ${'$'}{d#/proc/} != $$ ]] && kill -KILL "${'$'}{d#/proc/}"
  done
}
_oom() {
  local k v
  oom=0
  for k in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
    [[ -r $k ]] || continue
    while builtin read -r k v; do [[ $k == oom_kill ]] && oom=$v; done <"$k"
  done
}
_pipe() { exec 8>&-; exec 8<> <(:); }
_renew() { [[ -n $_i ]] && kill -KILL "$_i"; _i=; _pipe; }
_text() { ( builtin printf %s "$1" >&8 ) & _i=$!; }
_launch() {
  exec 7>&-; exec 7<> <(:)
  _renew
  set -m
  (
    trap : INT TERM HUP QUIT; trap - EXIT
    exec 7>&- 8>&-
    bash --noprofile --norc --noediting -i 19>&1 >/dev/null
    _m "d:$1:$?"
  ) </proc/self/fd/7 &
  _w=$!
  set +m
  builtin printf '%s\n' "$2" "$3" >&7
}
_line() { _old=; builtin read -r _old <"/proc/$3/task/$3/children"; builtin printf '%s\n' "$1" "$2" >&7; }
_signal() {
  local n m last
  _group "$2" "$_old"
  if [[ $1 == SHELL ]]; then kill -KILL "$2"; return; fi
  for n in 1 2 3; do
    [[ -n $pg && $pg != "$_w" ]] || break
    last=$pg
    if kill -s "$1" -- "-$pg"; then
      [[ $1 == INT || $1 == QUIT ]] && kill -CONT -- "-$pg"
      [[ $1 == INT ]] || return
      # A job that ended by itself in this moment took no signal, and the line goes on with the next one: that one is meant too.
      for m in 1 2; do
        sleep 0.02
        _group "$2" "$_old"
        [[ -n $pg ]] && break
      done
      [[ -z $pg || $pg == "$last" ]] && return
    else
      _group "$2" "$_old"
    fi
  done
  if [[ $1 == KILL ]]; then [[ -n $yp ]] && kill -KILL "$yp"
  else kill -s "$1" -- "-$_w"
  fi
}
_run() {
  (
    trap : INT TERM HUP QUIT; trap - EXIT
    set -m
    (
      exec 2>&1
      cd -- "$2" || exit 1
      eval "$3"
      export SEALIGN_EXEC=$1
      if [[ -n $5 ]]; then exec <"$5"; rm -f -- "$5"; fi
      if [[ -n $6 ]]; then
        exec 9<"$6"; rm -f -- "$6"
        exec bash -c 's=$(cat <&9); exec 9<&-; eval "$s"'
      fi
      exec bash -c "$4"
    ) </dev/null &
    p=$!
    set +m
    while :; do wait "$p"; r=$?; kill -0 "$p" || break; done
    l=0; kill -0 -- "-$p" && l=1
    oom=; (( r )) && _oom
    _m "x:$1:$r:$l:$oom"
  ) </dev/null &
  _w=$!
}
_kill() {
  local p old= n
  # Stopped until no new one turns up, then killed at once: none forks on, none reports the death of another.
  for n in 1 2 3 4 5 6 7 8; do
    p=$(grep -slaF -- "SEALIGN_EXEC=$1" /proc/[0-9]*/environ)
    p=${'$'}{p//\/proc\//}; p=${'$'}{p//\/environ/}
    [[ -n $p ]] && kill -STOP $p
    [[ $p == "$old" ]] && break
    old=$p
  done
  _group "$_w"
  [[ -n $p ]] && kill -KILL $p
  [[ -n $pg ]] && kill -KILL -- "-$pg"
}
_stage() { head -c "$2" | tee -- "$1" >/dev/null; }
_write() {
  local e
  mkdir -p -- "${'$'}{1%/*}/"
  if [[ -e $1 && ! -f $1 && ! -d $1 ]]; then head -c "$2" >/dev/null; e='Not a regular file'
  else e=$( { head -c "$2" | tee -- "$1" >/dev/null; } 2>&1 )
  fi
  _m "w:$3:$e"
}
_read() {
  if [[ -d $1 ]]; then _m "f:$3:d:0"
  elif [[ ! -e $1 ]]; then _m "f:$3:n:0"
  elif [[ ! -f $1 ]]; then _m "f:$3:o:0"
  elif [[ ! -r $1 ]]; then _m "f:$3:p:0"
  else
    _m "b:$3"
    head -c "$2" -- "$1"
    _m "f:$3:f:$(stat -L -c %s -- "$1")"
  fi
}
`
