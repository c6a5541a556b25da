export { defineConfig, type OutrelayConfig } from './config/define-config.ts';
