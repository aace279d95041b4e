# bash completion for maitred
_maitred() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    case $before in
        -c | backup) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
        chat | --json | --yes) mapfile -t COMPREPLY < <(compgen -W '--json --wait --yes -m' -- "$word") ;;
        *) mapfile -t COMPREPLY < <(compgen -W '-c run chat backup keygen version help' -- "$word") ;;
    esac
}
complete -F _maitred maitred
