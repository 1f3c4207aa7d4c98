;; Opens the file named on the command line with the set-up that was loaded before, does what a person does, and prints
;; what was seen as one list.
(setq eglot-sync-connect 30 eglot-confirm-server-initiated-edits nil eglot-confirm-server-edits nil
      native-comp-jit-compilation nil make-backup-files nil create-lockfiles nil vc-handled-backends '(Git))

(defun wait-for (what get)
  "The first value of GET that is not nil; the end of Emacs, with WHAT, when there is none in time."
  (let ((end (+ (float-time) 30)) found)
    (while (and (not (setq found (funcall get))) (< (float-time) end))
      (accept-process-output nil 0.05))
    (or found (progn (message "%s does not come" what) (kill-emacs 1)))))

(defun rule (diagnostic)
  "The rule of a finding of Flymake."
  (let ((text (flymake-diagnostic-text diagnostic)))
    (and (string-match "\\[\\([a-z-]+\\)\\]" text) (match-string 1 text))))

(let ((file (pop command-line-args-left)) (other (pop command-line-args-left)) seen)
  (find-file file)
  (run-hooks 'post-command-hook) ; eglot-ensure connects after a command, and batch mode has none
  (wait-for "the server" #'eglot-current-server)
  (wait-for "a finding" (lambda () (flymake-start) (flymake-diagnostics)))
  (push (cons 'findings (mapcar #'flymake-diagnostic-text (flymake-diagnostics))) seen)
  (push (cons 'places (mapcar (lambda (each) (buffer-substring-no-properties (flymake-diagnostic-beg each)
                                                                            (flymake-diagnostic-end each)))
                              (flymake-diagnostics)))
        seen)
  (search-forward "CONCURRENTLY")
  (backward-word)
  (push (cons 'hover (let ((answer (jsonrpc-request (eglot-current-server) :textDocument/hover
                                                    (eglot--TextDocumentPositionParams))))
                       (plist-get (plist-get answer :contents) :value)))
        seen)
  ;; The menu reads the minibuffer, which batch mode has not.
  (let* ((actions (append (eglot-code-actions (point) (1+ (point))) nil))
         (action (seq-find (lambda (each) (string-prefix-p "Remove CONCURRENTLY" (plist-get each :title))) actions)))
    (push (cons 'actions (mapcar (lambda (each) (plist-get each :title)) actions)) seen)
    (if (fboundp 'eglot-execute)
        (eglot-execute (eglot-current-server) action)
      (eglot--apply-workspace-edit (plist-get action :edit))))
  (wait-for "the fix" (lambda () (not (save-excursion (goto-char (point-min)) (search-forward "CONCURRENTLY" nil t)))))
  (goto-char (point-max))
  (insert "/* é 😀 */ SELECT * FROM loa")
  (let ((table (nth 2 (eglot-completion-at-point))))
    (push (cons 'completion (all-completions "loa" table)) seen))
  (delete-region (line-beginning-position) (point-max))
  (save-buffer)
  ;; What is known of a file that nobody opened.
  (when (boundp 'flymake-list-only-diagnostics)
    (push (cons 'others (length (wait-for "findings of other files"
                                          (lambda () (alist-get other flymake-list-only-diagnostics nil nil #'equal)))))
          seen))
  (eglot-shutdown (eglot-current-server))
  (princ (json-encode seen)))
