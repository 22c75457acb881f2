{{- define "olo.name" -}}{{ printf "%s-olo" .Release.Name | trunc 53 | trimSuffix "-" }}{{- end }}
{{- define "olo.selector" -}}
app.kubernetes.io/name: olo-jupyter
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "olo.labels" -}}
{{ include "olo.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
{{- define "olo.image" -}}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{- end }}
{{- define "olo.closed" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
